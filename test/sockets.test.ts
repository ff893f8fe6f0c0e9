import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loginOperation, logoutOperation, refreshSessionOperation, registerOperation } from '../src/client/operations.js';
import { run } from './support/api.js';
import { signUp, twoInACall, type Device } from './support/device.js';
import { metricsOf } from './support/metrics-page.js';
import { handshake, RawSocket } from './support/raw-socket.js';
import { watchPresence } from './support/presence.js';
import { startServer, startServerForTest, type TestServer } from './support/server.js';
import { TestSocket } from './support/socket.js';
import { SqlConnection } from './support/sql-connection.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ CORS_ORIGINS: 'https://app.example.org,https://studio.example.org:8443' });
});
afterAll(() => server.stop());

const inbox = 'subscription { inbox { __typename } }';

test('a foreign Origin is refused before the upgrade', async () => {
  const foreign = [
    'https://evil.example.org',
    'http://app.example.org',
    'https://app.example.org.evil.org',
    'https://app.example.org:444',
    'null',
    'x',
  ];
  for (const origin of foreign) expect(await handshake(server.webSocketUrl, { origin })).toBe(403);
});

test('no Origin passes, as do those of the list and the one of the server itself', async () => {
  expect(await handshake(server.webSocketUrl)).toBe(101);
  for (const origin of ['https://app.example.org', 'https://studio.example.org:8443', new URL(server.url).origin]) {
    expect(await handshake(server.webSocketUrl, { origin })).toBe(101);
  }
});

test('a star in the list lets every page in, where it was said', async () => {
  const open = await startServerForTest({ CORS_ORIGINS: '*' });
  expect(await handshake(open.webSocketUrl, { origin: 'https://evil.example.org' })).toBe(101);
});

test('a socket anywhere else than at /graphql is refused', async () => {
  for (const path of ['/', '/graphql/x', '/graphqlx']) expect(await handshake(server.webSocketUrl.replace('/graphql', path))).toBe(404);
});

test.for(['x', 'Bearer x', 'Bearer ', '..', 'a.b.c'])('a token that is not good closes the socket with 4403: %j', async (token) => {
  const socket = new RawSocket(server.webSocketUrl);
  await socket.send({ type: 'connection_init', payload: { Authorization: token } });
  expect(await socket.closed).toMatchObject({ code: 4403 });
  expect(socket.frames).toEqual([]);
});

test('a socket without a token can register and log in, and is told to do so by everything else', async () => {
  const socket = new TestSocket(server.webSocketUrl, null);
  const username = `anon-${process.pid}`;
  const { register } = await socket.run(registerOperation, { input: { username, password: 'correct horse' } });
  const { login } = await socket.run(loginOperation, { input: { username, password: 'correct horse', deviceName: 'tablet' } });
  expect(login.user).toEqual(register.user);
  for (const query of ['{ me { id } }', 'mutation { logout }', inbox]) {
    await expect(socket.query(query)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  }
  await socket.close();
});

test('a socket closes with 4403 within 2 seconds of the end of its token', async () => {
  const shortLived = await startServerForTest({ ACCESS_TOKEN_SECONDS: '2' });
  const device = await signUp(shortLived);
  await device.connect();
  expect(await device.socket.closed).toMatchObject({ code: 4403 });
  const lateMs = Date.now() - Date.parse(device.session.expiresAt);
  expect(lateMs).toBeGreaterThanOrEqual(0);
  expect(lateMs).toBeLessThan(2_000);
  const again = new RawSocket(shortLived.webSocketUrl);
  await again.send({ type: 'connection_init', payload: { Authorization: `Bearer ${device.token}` } });
  expect(await again.closed).toMatchObject({ code: 4403 });
});

test.for(['on the socket', 'over HTTP'] as const)(
  'refreshSession %s lets the sockets of the device live on, with every subscription that they have',
  async (way) => {
    const shortLived = await startServerForTest({ ACCESS_TOKEN_SECONDS: '2' });
    const [ana, ben] = await Promise.all([signUp(shortLived), signUp(shortLived)]);
    await ben.connect();
    const { of } = await watchPresence(ben, [ana]);
    const second: unknown[] = [];
    const socket = await RawSocket.connect(shortLived.webSocketUrl, ben.token);
    await socket.ask(inbox);
    ben.socket.subscribe({ query: 'subscription { inbox { __typename } }' }, (data) => second.push(data));
    await until('the second stream', () => second.length > 0);
    let { session } = ben;
    for (let round = 0; round < 3; round += 1) {
      const variables = { refreshToken: session.refreshToken };
      const renewed =
        way === 'over HTTP'
          ? run(shortLived.url, null, refreshSessionOperation, variables)
          : ben.socket.run(refreshSessionOperation, variables);
      session = (await renewed).refreshSession;
      const halfway = Date.parse(session.expiresAt) - 1_000;
      await until('the token to be half used', () => Date.now() > halfway);
    }
    expect(Date.now()).toBeGreaterThan(Date.parse(ben.session.expiresAt) + 500);
    const caller = await ana.another('phone');
    await caller.connect();
    const { id } = await caller.ring(ben);
    await ben.heard('CREATED', id);
    await until('the other streams', () => [second, socket.frames].every((told) => JSON.stringify(told).includes('CallChanged')));
    await until('presence', () => of(ana).at(-1));
    expect(await ben.socket.closed.then(({ code }) => code)).toBe(4403);
  },
);

async function connectedTwice(): Promise<{ device: Device; sockets: RawSocket[]; other: Device }> {
  const device = await signUp(server);
  const other = await device.another('tablet');
  await other.connect();
  const sockets = await Promise.all([0, 1].map(() => RawSocket.connect(server.webSocketUrl, device.token)));
  return { device, sockets, other };
}

test('logout closes every socket of the device, and those of other devices stay', async () => {
  const { device, sockets, other } = await connectedTwice();
  expect(await run(server.url, device.token, logoutOperation, {})).toEqual({ logout: true });
  for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 4403 });
  expect(await other.socket.query('{ me { id } }')).toEqual({ me: { id: device.userId } });
  await expect(device.activeCalls()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('revokeDevice closes every socket of that device, and ends its call as TERMINATED', async () => {
  const { device, sockets, other } = await connectedTwice();
  const callee = await signUp(server);
  const { id } = await device.ring(callee);
  expect(await other.socket.query('mutation ($id: ID!) { revokeDevice(id: $id) }', { id: device.id })).toEqual({ revokeDevice: true });
  for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 4403 });
  expect(await callee.call(id)).toMatchObject({ status: 'ENDED', endReason: 'TERMINATED', endedBy: null });
});

test('logout on the socket of a call hangs up, and answers before the socket closes', async () => {
  const { ana, ben, callId } = await twoInACall(server);
  expect(await ben.socket.run(logoutOperation, {})).toEqual({ logout: true });
  expect(await ben.socket.closed).toMatchObject({ code: 4403 });
  expect((await ana.heard('ENDED', callId)).call).toMatchObject({ endReason: 'HUNG_UP', endedBy: { id: ben.userId } });
});

test('one socket has LIMIT_SUBSCRIPTIONS_PER_SOCKET subscriptions, and each that ends, or failed, makes room', async () => {
  const device = await signUp(server);
  const socket = await RawSocket.connect(server.webSocketUrl, device.token);
  const ready = { data: { inbox: { __typename: 'Ready' } } };
  const full = { errors: [{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'LIMIT_SUBSCRIPTIONS_PER_SOCKET' } }] };
  for (let n = 0; n < 20; n += 1) {
    expect(await socket.ask('subscription { inbox(after: "x") { cursor } }')).toMatchObject({
      errors: [{ extensions: { code: 'BAD_INPUT' } }],
    });
  }
  for (let n = 0; n < 16; n += 1) expect(await socket.ask(inbox, {}, `s${n}`)).toEqual(ready);
  for (let n = 0; n < 3; n += 1) expect(await socket.ask(inbox)).toMatchObject(full);
  expect(await socket.ask('{ me { id } }')).toEqual({ data: { me: { id: device.userId } } });
  await socket.send({ id: 's0', type: 'complete' });
  await until('room', async () => (await socket.ask(inbox)).errors === undefined);
  expect(await socket.ask(inbox)).toMatchObject(full);
  socket.terminate();
});

test('one user has LIMIT_SOCKETS_PER_USER sockets, over all devices; one more is closed with 1013 until another goes', async () => {
  const few = await startServerForTest({ LIMIT_SOCKETS_PER_USER: '3' });
  const device = await signUp(few);
  const tablet = await device.another('tablet');
  const stranger = await signUp(few);
  const sockets = [];
  for (const { token } of [device, device, tablet]) sockets.push(await RawSocket.connect(few.webSocketUrl, token));
  for (const { token } of [device, tablet]) {
    const oneMore = new RawSocket(few.webSocketUrl);
    await oneMore.send({ type: 'connection_init', payload: { Authorization: `Bearer ${token}` } });
    expect(await oneMore.closed).toMatchObject({ code: 1013 });
  }
  sockets.push(await RawSocket.connect(few.webSocketUrl, stranger.token));
  sockets.push(await RawSocket.connect(few.webSocketUrl));
  sockets[0]?.terminate();
  const room = await until('room', async () => {
    const socket = new RawSocket(few.webSocketUrl);
    await socket.send({ type: 'connection_init', payload: { Authorization: `Bearer ${device.token}` } });
    const refused = await Promise.race([socket.closed, socket.frame('connection_ack').then(() => null)]);
    return refused === null ? socket : null;
  });
  for (const socket of [...sockets, room]) socket.terminate();
});

test('a socket whose token cannot be looked up is closed with 1013 within 5 seconds, to come back', async () => {
  const ana = await signUp(server);
  const connection = await SqlConnection.open(server.databaseUrl);
  await connection.query('BEGIN');
  await connection.query('LOCK TABLE device');
  const startedAt = performance.now();
  const socket = new RawSocket(server.webSocketUrl);
  await socket.send({ type: 'connection_init', payload: { Authorization: `Bearer ${ana.token}` } });
  const { code } = await socket.closed;
  await connection.query('COMMIT');
  await connection.close();
  expect([code, performance.now() - startedAt < 5_000]).toEqual([1013, true]);
});

test('a socket that asks and does not read is closed past LIMIT_UNSENT_BYTES, and one that reads has as much', async () => {
  const small = await startServerForTest({ LIMIT_UNSENT_BYTES: '65536', LIMIT_OPERATIONS_PER_SECOND: '0' });
  const { token } = await signUp(small);
  const query = getIntrospectionQuery();
  const reader = await RawSocket.connect(small.webSocketUrl, token);
  for (let n = 0; n < 200; n += 1) expect((await reader.ask(query)).errors).toBeUndefined();
  const stopped = await RawSocket.connect(small.webSocketUrl, token);
  stopped.stopReading();
  for (let n = 0; n < 200; n += 1) await stopped.send({ id: `${n}`, type: 'subscribe', payload: { query } });
  await until('its end', async () => (await metricsOf(small)).value('sockets') === 1);
  reader.terminate();
});
