import { afterAll, beforeAll, expect, test } from 'vitest';
import { memoryStore, Switchboard, type Call, type SwitchboardOptions } from '../src/client/index.js';
import { runSql } from './support/database.js';
import { forgetEvents } from './support/meddle.js';
import { phoneOf, recordingSocket, ringOf } from './support/phone.js';
import { Proxy } from './support/proxy.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Ana and Ben in a call; Ben is behind a network of his own, and what he hears is kept. */
async function inACall(at: TestServer = server, options: SwitchboardOptions = {}, callerAt: TestServer = at) {
  const proxy = await Proxy.start(at);
  const [ana, ben] = await Promise.all([phoneOf(callerAt), phoneOf(at, undefined, { ...options, url: proxy.url })]);
  const rings = ringOf(ben);
  const call = await ana.call(ben.user!.id);
  const theirs = await rings;
  const heard: string[] = [];
  theirs.on('signal', ({ payload }) => heard.push(payload));
  await theirs.accept();
  await until('ACTIVE', () => call.status === 'ACTIVE');
  const leave = async (): Promise<void> => {
    await Promise.all([ana.close(), ben.close()]);
    await proxy.stop();
  };
  return { proxy, ana, ben, call, theirs, heard, leave };
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n}`);

async function sendAll(call: Call, payloads: readonly string[]): Promise<void> {
  for (const payload of payloads) await call.send(payload);
}

test.concurrent('of a connection that is reset again and again nothing is lost, doubled or out of order', async () => {
  const { proxy, call, heard, leave } = await inACall();
  const sent = numbers(100);
  const sending = sendAll(call, sent);
  let isDone = false;
  void sending.then(() => (isDone = true));
  let cuts = 0;
  await until(
    'the last signal',
    () => {
      if (cuts < 12) {
        proxy.cut();
        cuts += 1;
      }
      return isDone && cuts >= 12 && heard.length >= sent.length;
    },
    { everyMs: 150, withinMs: 35_000 },
  );
  await sending;
  expect(heard).toEqual(sent);
  await leave();
});

test.concurrent.for([1001, 1011, 1012, 1013, 4403, 4408, 4500])('a socket that the server closes with %i comes back', async (code) => {
  const { webSocket, codes } = recordingSocket();
  const { proxy, ben, call, heard, leave } = await inACall(server, { webSocket });
  const failures: Error[] = [];
  ben.on('error', (error) => failures.push(error));
  proxy.closeWith(code);
  await sendAll(call, numbers(5));
  await until('all signals', () => heard.length === 5);
  expect(heard).toEqual(numbers(5));
  expect(codes).toEqual([code]);
  expect(failures).toEqual([]);
  expect(ben.connectionState).toBe('connected');
  await leave();
});

test.concurrent('a node that goes away is left for another one, once, and nothing is lost', async () => {
  const leaving = await startServer({ DATABASE_URL: server.databaseUrl });
  const { webSocket, codes } = recordingSocket();
  const { proxy, ben, call, heard, leave } = await inACall(leaving, { webSocket }, server);
  const types: string[] = [];
  ben.on('event', ({ __typename }) => types.push(__typename));
  proxy.leadTo(server);
  const sent = numbers(100);
  const sending = sendAll(call, sent);
  const startedAt = performance.now();
  await leaving.stop();
  await sending;
  await until('all signals', () => heard.length === sent.length);
  expect(heard).toEqual(sent);
  expect(types.filter((type) => type === 'ServerDraining' || type === 'Ready')).toEqual(['ServerDraining', 'Ready']);
  // Whether the node closed its socket or was left: by then it would have left the next one too.
  await until('the moment to leave', () => performance.now() - startedAt > 2_200);
  // One connection of the account's registration, and two sockets.
  expect([proxy.made, codes.length]).toEqual([3, 1]);
  await leave();
});

test.concurrent('a socket that takes long to the next node is not left because the last one went away', async () => {
  const leaving = await startServer({ DATABASE_URL: server.databaseUrl, DRAIN_SECONDS: '10' });
  const slow = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const { webSocket: Recording, codes } = recordingSocket();
      let made = 0;
      class SlowAfterwards extends Recording {
        readonly #delayMs = (made += 1) > 1 ? 2_500 : 0;
        override set onmessage(handler: typeof Recording.prototype.onmessage) {
          super.onmessage = handler === null ? null : (event) => setTimeout(() => handler.call(this, event), this.#delayMs);
        }
      }
      const proxy = await Proxy.start(leaving);
      const phone = await phoneOf(leaving, undefined, { url: proxy.url, webSocket: SlowAfterwards });
      return { phone, proxy, codes, sockets: () => made };
    }),
  );
  for (const { proxy } of slow) proxy.leadTo(server);
  await leaving.stop();
  const isBack = ({ phone, sockets }: (typeof slow)[number]): boolean => sockets() > 1 && phone.connectionState === 'connected';
  await until('all to be back', () => slow.every(isBack));
  expect(slow.map(({ sockets, codes }) => [sockets(), codes.length])).toEqual(slow.map(() => [2, 1]));
  await Promise.all(slow.map(({ phone, proxy }) => phone.close().then(() => proxy.stop())));
});

test.concurrent('a call that ended while nobody listened, and whose end is kept no more, ends here', async () => {
  const own = await startServer();
  const { proxy, ana, call, theirs, ben, leave } = await inACall(own);
  const readies: boolean[] = [];
  ben.on('event', (event) => event.__typename === 'Ready' && readies.push(event.recovered));
  proxy.goDown();
  await call.send('unheard');
  await call.hangUp();
  await forgetEvents(own);
  const ended = new Promise((resolve) => theirs.on('ended', resolve));
  proxy.comeUp();
  expect(await ended).toMatchObject({ status: 'ENDED', endReason: 'HUNG_UP' });
  expect([readies, ben.calls]).toEqual([[false], []]);
  const rings = ringOf(ben);
  await ana.call(ben.user!.id);
  await rings;
  await leave();
  await own.stop();
});

test.concurrent('a call that the server knows no more, as behind a restored backup, ends here', async () => {
  const own = await startServer();
  const { proxy, theirs, ben, leave } = await inACall(own);
  proxy.goDown();
  await runSql(own.databaseUrl, 'TRUNCATE call, inbox CASCADE');
  await runSql(own.databaseUrl, 'UPDATE inbox_head SET seq = seq + 1');
  proxy.comeUp();
  await until('the end', () => theirs.status === 'ENDED');
  expect(ben.calls).toEqual([]);
  await leave();
  await own.stop();
});

test.concurrent('a cursor that is none is dropped: the stream starts anew', async () => {
  const proxy = await Proxy.start(server);
  const store = memoryStore();
  const before = await phoneOf(server, undefined, { store });
  await before.close();
  const phone = new Switchboard({ url: proxy.url, createPeerConnection: null, store, after: 'not-a-cursor' });
  const failures: unknown[] = [];
  phone.on('error', (error) => failures.push(error));
  await phone.resume();
  await until('Ready', () => phone.cursor !== null && phone.cursor !== 'not-a-cursor');
  expect(failures).toMatchObject([{ code: 'BAD_INPUT', details: { field: 'after' } }]);
  expect(proxy.made).toBe(1);
  const rings = ringOf(phone);
  const ana = await phoneOf(server);
  await ana.call(phone.user!.id);
  await rings;
  await Promise.all([phone.close(), ana.close()]);
  await proxy.stop();
});

test.concurrent('an application that keeps the cursor goes on behind it', async () => {
  const { ben, theirs, call, heard, leave } = await inACall();
  await sendAll(call, ['before']);
  await until('the signal', () => heard.length === 1);
  const after = ben.cursor!;
  await sendAll(call, ['behind']);
  await until('the other signal', () => heard.length === 2);
  await ben.close();
  await ben.resume();
  const payloads: string[] = [];
  ben.on('event', (event) => event.__typename === 'SignalReceived' && payloads.push(event.payload));
  await sendAll(call, ['while away, or now']);
  await until('what was missed', () => payloads.length === 1);
  expect(payloads).toEqual(['while away, or now']);
  expect(after < ben.cursor!).toBe(true);
  expect(ben.calls.map(({ id }) => id)).toEqual([theirs.id]);
  await leave();
});

test.concurrent('a database that is away is waited for', async () => {
  const network = await Proxy.start({ url: server.databaseUrl.replace(/^postgres\w*/, 'http') });
  const through = new URL(server.databaseUrl);
  through.port = new URL(network.url).port;
  const shaky = await startServer({ DATABASE_URL: through.href });
  const { proxy, ana, ben, leave } = await inACall(shaky);
  await ana.calls[0]!.hangUp();
  network.goDown();
  proxy.cut();
  await until('the loss', () => ben.connectionState !== 'connected');
  await until('an attempt in vain', () => proxy.made >= 3);
  network.comeUp();
  const cleo = await phoneOf(server);
  await until('the connection', () => ben.connectionState === 'connected');
  await cleo.call(ben.user!.id);
  await until('the ring', () => ben.calls.length === 1);
  await leave();
  await shaky.stop();
  await network.stop();
});

test.concurrent('a subscription that the server fails to open is opened again, with backoff', async () => {
  const own = await startServer();
  const { proxy, ana, ben, call, leave } = await inACall(own);
  await call.hangUp();
  await until('the end', () => ben.calls.length === 0);
  const failures: unknown[] = [];
  ben.on('error', (error) => failures.push(error));
  await runSql(own.databaseUrl, 'ALTER TABLE inbox RENAME TO inbox_away');
  proxy.cut();
  await until('two failures', () => failures.length >= 2);
  const during = failures.length;
  await runSql(own.databaseUrl, 'ALTER TABLE inbox_away RENAME TO inbox');
  const rings = ringOf(ben);
  await until('a call', () => ana.call(ben.user!.id));
  await rings;
  expect(failures).toMatchObject(failures.map(() => ({ name: 'SwitchboardError' })));
  expect(during).toBeLessThan(10);
  await leave();
  await own.stop();
});
