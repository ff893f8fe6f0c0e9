import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { refreshSessionOperation } from '../src/client/operations.js';
import { signUp, type Device } from './support/device.js';
import { handshake, RawSocket, type RawAnswer } from './support/raw-socket.js';
import { startServerForTest, type TestServer } from './support/server.js';
import { ask, transports, type Transport } from './support/transports.js';

const refused = {
  errors: [{ extensions: { code: 'RATE_LIMITED', retryAfterMs: expect.toSatisfy((ms: number) => ms > 0 && ms <= 60_000) } }],
};

/** One request as a proxy passes it on. */
async function postFrom(server: TestServer, address: string, query: string, variables: object = {}): Promise<Response> {
  return fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify({ query, variables }),
  });
}

test('an address has LIMIT_REQUESTS_PER_MINUTE requests a minute; one more is answered 429 with the time to wait', async () => {
  const server = await startServerForTest({ LIMIT_REQUESTS_PER_MINUTE: '3', TRUST_PROXY: '1' });
  const from = (address: string): Promise<Response> => postFrom(server, address, '{ __typename }');
  for (let n = 0; n < 3; n += 1) expect((await from('192.0.2.1')).status).toBe(200);
  const limited = await from('192.0.2.1');
  expect(limited.status).toBe(429);
  expect(await limited.json()).toMatchObject(refused);
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  // As IPv4 within IPv6 it is the same; what its client says of itself counts for nothing.
  expect((await from('::ffff:192.0.2.1')).status).toBe(429);
  expect((await from('198.51.100.7, 192.0.2.1')).status).toBe(429);
  expect((await from('192.0.2.1:50123')).status).toBe(429);
  expect((await from('192.0.2.2')).status).toBe(200);
  // Sockets have limits of their own.
  expect(await (await RawSocket.connect(server.webSocketUrl)).ask('{ __typename }')).toMatchObject({ data: { __typename: 'Query' } });
});

test('the addresses of one IPv6 network of 64 bits count as one', async () => {
  const server = await startServerForTest({ LIMIT_REQUESTS_PER_MINUTE: '2', TRUST_PROXY: '1' });
  const from = async (address: string): Promise<number> => (await postFrom(server, address, '{ __typename }')).status;
  expect([await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8::3:4')]).toEqual([200, 200, 429]);
  expect([await from('[2001:db8::5]:443'), await from('[2001:db8::5]')]).toEqual([429, 429]);
  expect(await from('2001:db8:0:1::1')).toBe(200);
});

test('without TRUST_PROXY nobody chooses the address that is counted', async () => {
  const server = await startServerForTest({ LIMIT_REQUESTS_PER_MINUTE: '1' });
  const statuses = ['192.0.2.1', '192.0.2.2'].map(async (address) => (await postFrom(server, address, '{ __typename }')).status);
  expect(new Set(await Promise.all(statuses))).toEqual(new Set([200, 429]));
});

const login = 'mutation ($input: LoginInput!) { login(input: $input) { user { id } } }';
const register = 'mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }';

test.for(transports)(
  'over %s an address has LIMIT_LOGINS_PER_MINUTE logins and registrations a minute, right ones and wrong ones',
  async (transport) => {
    const server = await startServerForTest({ LIMIT_LOGINS_PER_MINUTE: '3' });
    const account = { username: 'ana', password: 'correct horse' };
    expect(await ask(transport, server, null, register, { input: account })).toMatchObject({ data: { register: {} } });
    expect(await ask(transport, server, null, login, { input: account })).toMatchObject({ data: { login: {} } });
    const wrong = await ask(transport, server, null, login, { input: { ...account, password: 'something else' } });
    expect(wrong).toMatchObject({ errors: [{ extensions: { code: 'INVALID_CREDENTIALS' } }] });
    expect(await ask(transport, server, null, login, { input: account })).toMatchObject(refused);
    expect(await ask(transport, server, null, register, { input: { ...account, username: 'ben' } })).toMatchObject(refused);
  },
);

test('an account has LIMIT_LOGINS_PER_MINUTE logins a minute from all addresses, alike whether there is one or not', async () => {
  const server = await startServerForTest({ LIMIT_LOGINS_PER_MINUTE: '3', TRUST_PROXY: '1' });
  await postFrom(server, '192.0.2.99', register, { input: { username: 'known', password: 'correct horse' } });
  let host = 0;
  const guess = async (username: string) => {
    const answer = await postFrom(server, `192.0.2.${(host += 1)}`, login, { input: { username, password: 'a guess at it' } });
    return ((await answer.json()) as RawAnswer).errors?.[0]?.extensions?.['code'];
  };
  for (const username of ['known', 'unknown']) {
    const answers = [await guess(username), await guess(username.toUpperCase()), await guess(username), await guess(username)];
    expect(answers).toEqual(['INVALID_CREDENTIALS', 'INVALID_CREDENTIALS', 'INVALID_CREDENTIALS', 'RATE_LIMITED']);
  }
});

test.for(transports)('over %s guesses at the password of a session that was found open are limited too', async (transport) => {
  const server = await startServerForTest({ LIMIT_LOGINS_PER_MINUTE: '3' });
  const ana = await signUp(server);
  const guess = 'mutation { changePassword(current: "a guess at it", next: "something new") { accessToken } }';
  const other = 'mutation { deleteAccount(password: "a guess at it") }';
  for (const query of [guess, other, guess])
    expect(await ask(transport, server, ana.token, query)).toMatchObject({ errors: [{ extensions: { code: 'INVALID_CREDENTIALS' } }] });
  for (const query of [guess, other]) expect(await ask(transport, server, ana.token, query)).toMatchObject(refused);
});

const createCall = 'mutation ($input: CreateCallInput!) { createCall(input: $input) { id } }';

/** Places a call, and ends it where it was placed. */
async function place(
  transport: Transport,
  server: TestServer,
  caller: Device,
  callee: Device,
  key: string = randomUUID(),
): Promise<RawAnswer> {
  const answer = await ask(transport, server, caller.token, createCall, { input: { calleeId: callee.userId, key } });
  const placed = answer.data?.['createCall'] as { id: string } | undefined;
  if (placed !== undefined) await caller.end(placed.id);
  return answer;
}

const placed = { data: { createCall: { id: expect.any(String) } } };

test.for(transports)('over %s a caller has LIMIT_CALLS_PER_MINUTE calls a minute, whomever they go to', async (transport) => {
  const server = await startServerForTest({ LIMIT_CALLS_PER_MINUTE: '3' });
  const [ana, ...others] = await Promise.all(Array.from({ length: 5 }, () => signUp(server)));
  for (const other of others.slice(0, 3)) expect(await place(transport, server, ana!, other)).toMatchObject(placed);
  expect(await place(transport, server, ana!, others[3]!)).toMatchObject(refused);
  expect(await place(transport, server, others[3]!, ana!)).toMatchObject(placed);
});

test.for(transports)('over %s a caller has LIMIT_CALLS_PER_PAIR_PER_MINUTE calls a minute to one user', async (transport) => {
  const server = await startServerForTest({ LIMIT_CALLS_PER_PAIR_PER_MINUTE: '2' });
  const [ana, ben, cem] = (await Promise.all([signUp(server), signUp(server), signUp(server)])) as [Device, Device, Device];
  expect(await place(transport, server, ana, ben)).toMatchObject(placed);
  expect(await place(transport, server, ana, ben)).toMatchObject(placed);
  expect(await place(transport, server, ana, ben)).toMatchObject(refused);
  expect(await place(transport, server, ana, cem)).toMatchObject(placed);
  expect(await place(transport, server, ben, ana)).toMatchObject(placed);
});

test.for(transports)('over %s a key that is repeated has its call whatever the rate, and does not count', async (transport) => {
  const server = await startServerForTest({ LIMIT_CALLS_PER_MINUTE: '2' });
  const [ana, ben] = (await Promise.all([signUp(server), signUp(server)])) as [Device, Device];
  const first = await place(transport, server, ana, ben, 'first');
  for (let n = 0; n < 3; n += 1) expect(await place(transport, server, ana, ben, 'first')).toEqual(first);
  expect(await place(transport, server, ana, ben, 'second')).toMatchObject(placed);
  expect(await place(transport, server, ana, ben, 'third')).toMatchObject(refused);
  expect(await place(transport, server, ana, ben, 'first')).toEqual(first);
});

test('somebody who is blocked meets the rates as anybody does', async () => {
  const server = await startServerForTest({ LIMIT_CALLS_PER_PAIR_PER_MINUTE: '2' });
  const [ana, ben] = (await Promise.all([signUp(server), signUp(server)])) as [Device, Device];
  await ben.block(ana);
  for (let n = 0; n < 2; n += 1) expect(await place('HTTP', server, ana, ben)).toMatchObject(placed);
  expect(await place('HTTP', server, ana, ben)).toMatchObject(refused);
});

const perUser = [
  ['LIMIT_SEARCHES_PER_MINUTE', 'searches', '{ users(search: "abc") { id } }'],
  ['LIMIT_ICE_SERVERS_PER_MINUTE', 'TURN credentials', '{ iceServers { expiresAt } }'],
] as const;
test.for(transports.flatMap((transport) => perUser.map((row) => [transport, ...row] as const)))(
  'over %s a user has %s of %s a minute',
  async ([transport, limit, , query]) => {
    const turn = { TURN_URLS: 'turn:turn.example.org', TURN_SECRET: 'f3a9c1d07be24586a1f0c2d3e4b5a697' };
    const server = await startServerForTest({ [limit]: '2', ...turn });
    const [ana, ben] = (await Promise.all([signUp(server), signUp(server)])) as [Device, Device];
    for (let n = 0; n < 2; n += 1) expect((await ask(transport, server, ana.token, query)).errors).toBeUndefined();
    expect(await ask(transport, server, ana.token, query)).toMatchObject(refused);
    expect((await ask(transport, server, ben.token, query)).errors).toBeUndefined();
  },
);

test('an address has LIMIT_UNAUTHENTICATED_SOCKETS_PER_IP sockets that are nobody’s yet; one more is answered 429', async () => {
  const server = await startServerForTest({ LIMIT_UNAUTHENTICATED_SOCKETS_PER_IP: '2' });
  const { token } = await signUp(server);
  const anonymous = await RawSocket.connect(server.webSocketUrl);
  const silent = new RawSocket(server.webSocketUrl);
  await silent.opened;
  expect(await handshake(server.webSocketUrl)).toBe(429);
  // One that authenticates makes room, as does one that goes.
  await silent.send({ type: 'connection_init', payload: { Authorization: `Bearer ${token}` } });
  await silent.frame('connection_ack');
  const next = await RawSocket.connect(server.webSocketUrl);
  expect(await handshake(server.webSocketUrl)).toBe(429);
  anonymous.terminate();
  await anonymous.closed;
  await expect.poll(() => handshake(server.webSocketUrl)).toBe(101);
  next.terminate();
});

test.for(transports)('over %s an address has LIMIT_REQUESTS_PER_MINUTE renewals of sessions a minute', async (transport) => {
  const server = await startServerForTest({ LIMIT_REQUESTS_PER_MINUTE: '4' });
  const refresh = (refreshToken: string) => ask(transport, server, null, String(refreshSessionOperation), { refreshToken });
  for (let n = 0; n < 4; n += 1) expect(await refresh('made up')).not.toMatchObject(refused);
  expect(await refresh('made up')).toMatchObject(refused);
});
