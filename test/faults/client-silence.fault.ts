import { expect, test } from 'vitest';
import { memoryStore, Switchboard } from '../../src/client/index.js';
import { phoneOf, ringOf } from '../support/phone.js';
import { Proxy } from '../support/proxy.js';
import { startServerForTest } from '../support/server.js';
import { until } from '../support/until.js';

test('a phone notices within 16 seconds that its socket leads nowhere, and loses nothing', async () => {
  const server = await startServerForTest();
  const proxy = await Proxy.start(server);
  const [ana, ben] = await Promise.all([phoneOf(server), phoneOf(server, undefined, { url: proxy.url })]);
  const rings = ringOf(ben);
  const call = await ana.call(ben.user!.id);
  const theirs = await rings;
  const heard: string[] = [];
  theirs.on('signal', ({ payload }) => heard.push(payload));
  for (let round = 0; round < 3; round += 1) {
    const { made } = proxy;
    proxy.fallSilent();
    const startedAt = performance.now();
    for (let n = 0; n < 5; n += 1) await call.send(`${round} ${n}`);
    proxy.speak();
    await until('another socket', () => proxy.made > made, { withinMs: 16_000 });
    await until('the signals', () => heard.length === 5 * (round + 1));
    console.log(`round ${round}: noticed after ${Math.round(performance.now() - startedAt)} ms`);
  }
  expect(heard).toEqual([0, 1, 2].flatMap((round) => [0, 1, 2, 3, 4].map((n) => `${round} ${n}`)));
  await Promise.all([ana.close(), ben.close()]);
  await proxy.stop();
});

test('an attempt to connect that is not answered is given up after ten seconds', async () => {
  const server = await startServerForTest();
  const proxy = await Proxy.start(server);
  const store = memoryStore();
  await (await phoneOf(server, undefined, { store })).close();
  proxy.fallSilent();
  const phone = new Switchboard({ url: proxy.url, createPeerConnection: null, store });
  await phone.resume();
  await until('an attempt', () => proxy.made === 1);
  proxy.speak();
  await until('the connection', () => phone.connectionState === 'connected', { withinMs: 12_000 });
  await phone.close();
  await proxy.stop();
});
