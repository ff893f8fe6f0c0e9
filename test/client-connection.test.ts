import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { backoffMs } from '../src/client/backoff.js';
import { ConnectionError, memoryStore, operations, Switchboard, type ConnectionState } from '../src/client/index.js';
import { phoneOf, recordingSocket, ringOf } from './support/phone.js';
import { Proxy } from './support/proxy.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test.for([
  [0, 200, 400],
  [1, 400, 800],
  [2, 800, 1_600],
  [3, 1_600, 3_200],
  [5, 6_400, 12_800],
  [6, 7_500, 15_000],
  [5_000, 7_500, 15_000],
])('after %i failures the wait is spread from %i to %i ms', ([failures, least, most]) => {
  expect(backoffMs(failures!, () => 0)).toBe(least);
  expect(backoffMs(failures!, () => 1)).toBe(most);
  expect(new Set(Array.from({ length: 50 }, () => backoffMs(failures!))).size).toBeGreaterThan(40);
});

test.concurrent('an application is told how the connection stands', async () => {
  const proxy = await Proxy.start(server);
  const phone = new Switchboard({ url: proxy.url, createPeerConnection: null });
  const states: ConnectionState[] = [];
  phone.on('connection', (state) => {
    states.push(state);
    expect(phone.connectionState).toBe(state);
  });
  expect(phone.connectionState).toBe('closed');
  await phone.register({ username: `state-${process.pid}`, password: 'correct horse' });
  await until('the connection', () => phone.connectionState === 'connected');
  proxy.cut();
  await until('the connection again', () => states.filter((state) => state === 'connected').length === 2);
  await phone.close();
  expect(states).toEqual(['connecting', 'connected', 'waiting', 'connecting', 'connected', 'closed']);
  await proxy.stop();
});

test.concurrent('what the server refuses costs no connection', async () => {
  const phone = await phoneOf(server);
  const states: ConnectionState[] = [];
  phone.on('connection', (state) => states.push(state));
  for (let n = 0; n < 5; n += 1) {
    await expect(phone.request(operations.acceptCallOperation, { id: 'no call' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
  expect((await phone.request(operations.devicesOperation, {})).devices).toHaveLength(1);
  expect(states).toEqual([]);
  await phone.close();
});

test.concurrent('attempts in vain come at a growing distance', async () => {
  const proxy = await Proxy.start(server);
  const phone = await phoneOf(server, undefined, { url: proxy.url });
  const attempts: number[] = [];
  phone.on('connection', (state) => state === 'connecting' && attempts.push(performance.now()));
  proxy.goDown();
  await until('three attempts', () => attempts.length === 3);
  const waits = attempts.slice(1).map((at, n) => at - attempts[n]!);
  for (const [n, wait] of waits.entries()) expect(wait).toBeGreaterThan(400 * 2 ** n);
  proxy.comeUp();
  await phone.close();
  await proxy.stop();
});

test.concurrent('a message that is too long fails that request for good, and the phone comes back', async () => {
  const { webSocket, codes } = recordingSocket();
  const [ana, ben] = await Promise.all([phoneOf(server), phoneOf(server, undefined, { webSocket })]);
  const tooLong = ben.request(operations.findUserOperation, { username: 'x'.repeat(300_000) });
  await expect(tooLong).rejects.toBeInstanceOf(ConnectionError);
  await expect(tooLong).rejects.toMatchObject({ closeCode: 1009, isFinal: true });
  await until('the connection', () => ben.connectionState === 'connected' && codes.length === 1);
  const rings = ringOf(ben);
  await ana.call(ben.user!.id);
  await rings;
  expect(codes).toEqual([1009]);
  await Promise.all([ana.close(), ben.close()]);
});

test.concurrent.for([4400, 4401, 4406, 4409, 4429, 1002])(
  'a server that closes with %i speaks another protocol: that is told once, and not tried again until the application says so',
  async (code) => {
    const store = memoryStore();
    await (await phoneOf(server, undefined, { store })).close();
    const stranger = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(stranger, 'listening');
    let made = 0;
    stranger.on('connection', (socket) => {
      made += 1;
      socket.close(code);
    });
    const { port } = stranger.address() as { port: number };
    const phone = new Switchboard({ url: `http://127.0.0.1:${port}/graphql`, createPeerConnection: null, store });
    const failures: Error[] = [];
    phone.on('error', (error) => failures.push(error));
    await phone.resume();
    await until('the end', () => phone.connectionState === 'closed');
    expect(failures).toMatchObject([{ name: 'ConnectionError', closeCode: code, isFinal: true }]);
    await expect(phone.request(operations.devicesOperation, {})).rejects.toMatchObject({ isFinal: true });
    expect(made).toBe(1);
    expect(await phone.resume()).toBe(true);
    await until('the end again', () => phone.connectionState === 'closed' && made === 2);
    await phone.close();
    stranger.close();
  },
);

test.concurrent('a request that the server fails at again and again is given up, and fails no other for good', async () => {
  const store = memoryStore();
  await (await phoneOf(server, undefined, { store })).close();
  const faulty = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(faulty, 'listening');
  let made = 0;
  faulty.on('connection', (socket) => {
    made += 1;
    socket.on('message', (data: Buffer) => {
      if (data.includes('connection_init')) socket.send(JSON.stringify({ type: 'connection_ack' }));
      if (data.includes('query Devices')) socket.close(1011);
    });
  });
  const { port } = faulty.address() as { port: number };
  const phone = new Switchboard({ url: `http://127.0.0.1:${port}/graphql`, createPeerConnection: null, store });
  await phone.resume();
  await expect(phone.request(operations.devicesOperation, {})).rejects.toMatchObject({ closeCode: 1011, isFinal: false });
  await until('the connection', () => phone.connectionState === 'connected');
  expect(made).toBeGreaterThan(3);
  await phone.close();
  faulty.close();
});

test.concurrent('what is asked while there is no connection is answered when there is one', async () => {
  const proxy = await Proxy.start(server);
  const phone = await phoneOf(server, undefined, { url: proxy.url });
  proxy.goDown();
  await until('the loss', () => phone.connectionState !== 'connected');
  const devices = phone.request(operations.devicesOperation, {});
  proxy.comeUp();
  expect((await devices).devices).toMatchObject([{ id: phone.device!.id, current: true }]);
  await phone.close();
  await proxy.stop();
});

test.concurrent('a subscription of the application is opened again, also behind a fault of the server', async () => {
  const proxy = await Proxy.start(server);
  const [ana, ben] = await Promise.all([phoneOf(server), phoneOf(server, undefined, { url: proxy.url })]);
  const seen: boolean[] = [];
  const stop = ben.subscribe(
    operations.presenceSubscription,
    { userIds: [ana.user!.id] },
    ({ presence }) => void seen.push(presence.online),
  );
  await until('her presence', () => seen.at(-1) === true);
  seen.length = 0;
  proxy.closeWith(1011);
  await until('her presence again', () => seen.length === 1);
  proxy.cut();
  await until('her presence once more', () => seen.length === 2);
  stop();
  await ana.close();
  const cleo = await phoneOf(server);
  const rings = ringOf(ben);
  await cleo.call(ben.user!.id);
  await rings;
  expect(seen).toEqual([true, true]);
  await Promise.all([ben.close(), cleo.close()]);
  await proxy.stop();
});

test.concurrent('closing does not wait for a network that is not there, and fails what was asked', async () => {
  const proxy = await Proxy.start(server);
  const phone = await phoneOf(server, undefined, { url: proxy.url });
  proxy.goDown();
  await until('the loss', () => phone.connectionState === 'waiting');
  const asked = Promise.allSettled([phone.request(operations.devicesOperation, {})]);
  const startedAt = performance.now();
  await phone.close();
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(await asked).toMatchObject([{ status: 'rejected', reason: { name: 'ConnectionError', isFinal: true } }]);
  const { made } = proxy;
  proxy.comeUp();
  await phone.resume();
  await until('the connection', () => phone.connectionState === 'connected');
  expect(proxy.made).toBe(made + 1);
  await phone.close();
  await proxy.stop();
});
