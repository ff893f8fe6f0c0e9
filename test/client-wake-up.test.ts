import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Switchboard } from '../src/client/index.js';
import { phoneOf, ringOf } from './support/phone.js';
import { Proxy } from './support/proxy.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

// What a page has and Node has not: a document that is looked at, and a network that comes and goes.
const page = new EventTarget();
const sight = Object.assign(new EventTarget(), { visibilityState: 'visible' });
const network = new EventTarget();

let server: TestServer;
let proxy: Proxy;
beforeAll(async () => {
  vi.stubGlobal('document', sight);
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('navigator', { connection: network });
  server = await startServer();
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await server.stop();
});

let phone: Switchboard;
beforeEach(async () => {
  proxy = await Proxy.start(server);
  phone = await phoneOf(server, undefined, { url: proxy.url });
  return async () => {
    await phone.close();
    await proxy.stop();
  };
});

const wakeUps: [what: string, happen: () => void][] = [
  ['the network is back', () => page.dispatchEvent(new Event('online'))],
  ['the page is looked at again', () => sight.dispatchEvent(new Event('visibilitychange'))],
  ['the network is another one', () => network.dispatchEvent(new Event('change'))],
];

test.for(wakeUps)('a wait is cut short when %s', async ([, happen]) => {
  proxy.goDown();
  // The third wait takes 800 ms at least.
  let attempts = 0;
  phone.on('connection', (state) => (attempts += state === 'connecting' ? 1 : 0));
  await until('a long wait', () => attempts === 2 && phone.connectionState === 'waiting');
  proxy.comeUp();
  const startedAt = performance.now();
  happen();
  await until('the connection', () => phone.connectionState === 'connected');
  expect(performance.now() - startedAt).toBeLessThan(700);
});

test('a page that is hidden cuts nothing short', async () => {
  proxy.goDown();
  await until('a wait', () => phone.connectionState === 'waiting' && proxy.made === 3);
  sight.visibilityState = 'hidden';
  sight.dispatchEvent(new Event('visibilitychange'));
  sight.visibilityState = 'visible';
  expect(phone.connectionState).toBe('waiting');
});

test('a socket that leads nowhere is noticed within seconds of a wake-up, and one that works is kept', async () => {
  page.dispatchEvent(new Event('online'));
  const ana = await phoneOf(server);
  const { made } = proxy;
  proxy.fallSilent();
  const call = await ana.call(phone.user!.id);
  proxy.speak();
  const rings = ringOf(phone);
  const startedAt = performance.now();
  page.dispatchEvent(new Event('online'));
  expect((await rings).id).toBe(call.id);
  expect(performance.now() - startedAt).toBeLessThan(4_000);
  expect(proxy.made).toBe(made + 1);
  await ana.close();
});

test('a phone that is closed listens no more', async () => {
  const { made } = proxy;
  await phone.close();
  page.dispatchEvent(new Event('online'));
  expect(phone.connectionState).toBe('closed');
  expect(proxy.made).toBe(made);
});
