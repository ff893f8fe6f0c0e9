import { afterAll, beforeAll, expect, test } from 'vitest';
import { loginOperation, refreshSessionOperation } from '../src/client/operations.js';
import { run } from './support/api.js';
import { signUp, type Device } from './support/device.js';
import { RawSocket } from './support/raw-socket.js';
import { startServer, type TestServer } from './support/server.js';
import { ask, transports } from './support/transports.js';

const [a, b] = ['a:5b1c0f6be2a94d3f8a7706c1d2e4f913', 'b:c3d19a4b77e05f26814cde90ab5f3e72'] as const;

/** A node at each step of docs/operations.md, on one database: the new key is known, then signs, then is alone. */
let before: TestServer;
let known: TestServer;
let signing: TestServer;
let alone: TestServer;
let ana: Device;
beforeAll(async () => {
  before = await startServer({ JWT_SECRET: a });
  const { databaseUrl } = before;
  const node = (keys: string) => startServer({ DATABASE_URL: databaseUrl, JWT_SECRET: keys });
  [known, signing, alone] = await Promise.all([node(`${a},${b}`), node(`${b},${a}`), node(b)]);
  ana = await signUp(before, 'ana');
});
afterAll(() => Promise.all([before, known, signing, alone].map((server) => server.stop())));

const headerOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string };
const loginAt = async ({ url }: TestServer) => {
  const input = { username: ana.session.user.username, password: 'correct horse', deviceName: 'tablet' };
  return (await run(url, null, loginOperation, { input })).login;
};

async function isGoodAt(server: TestServer, token: string): Promise<boolean[]> {
  const { data } = await ask('HTTP', server, token, '{ me { id } }');
  const socket = new RawSocket(server.webSocketUrl);
  await socket.send({ type: 'connection_init', payload: { Authorization: `Bearer ${token}` } });
  const closed = await Promise.race([socket.closed, socket.frame('connection_ack').then(() => null)]);
  socket.terminate();
  if (closed !== null) expect(closed).toMatchObject({ code: 4403 });
  return [data?.['me'] !== undefined && data['me'] !== null, closed === null];
}
const [yes, no] = [
  [true, true],
  [false, false],
];

test('a token of the old key is good for as long as the key is in the list, also behind the one that signs', async () => {
  expect(headerOf(ana.token).kid).toBe('a');
  for (const server of [before, known, signing]) expect(await isGoodAt(server, ana.token)).toEqual(yes);
  expect(await isGoodAt(alone, ana.token)).toEqual(no);
});

test('new tokens are signed by the first of the list, and are good wherever that is known', async () => {
  for (const [server, kid] of [
    [before, 'a'],
    [known, 'a'],
    [signing, 'b'],
    [alone, 'b'],
  ] as const)
    expect(headerOf((await loginAt(server)).accessToken).kid).toBe(kid);
  const { accessToken } = await loginAt(signing);
  for (const server of [known, signing, alone]) expect(await isGoodAt(server, accessToken)).toEqual(yes);
  // Why the new key goes behind first: a node that does not know it yet refuses what it signs.
  expect(await isGoodAt(before, accessToken)).toEqual(no);
});

test.for(transports)(
  'over %s nobody is signed out by a key that is gone: the refresh token, which no key signs, gives the session on',
  async (transport) => {
    const tablet = await ana.another('tablet');
    const text = String(refreshSessionOperation);
    const { data } = await ask(transport, alone, null, text, { refreshToken: tablet.session.refreshToken });
    const { refreshSession } = data as { refreshSession: { accessToken: string; device: { id: string } } };
    expect(refreshSession.device.id).toBe(tablet.id);
    expect(headerOf(refreshSession.accessToken).kid).toBe('b');
    expect(await isGoodAt(alone, refreshSession.accessToken)).toEqual(yes);
  },
);

test('a socket that was opened with a token of the old key is refreshed to one of the new key, and goes on', async () => {
  const phone = await signUp(before, 'phone');
  const here = phone.at(signing);
  await here.connect();
  const { refreshSession } = await here.socket.run(refreshSessionOperation, { refreshToken: phone.session.refreshToken });
  expect(headerOf(refreshSession.accessToken).kid).toBe('b');
  const { id } = await ana.at(signing).ring(here);
  await here.heard('CREATED', id);
  await here.leave();
});

test('a kid that is used again for another key makes no old token good', async () => {
  const server = await startServer({ DATABASE_URL: before.databaseUrl, JWT_SECRET: `a:${b.slice(2)}` });
  try {
    expect(await isGoodAt(server, ana.token)).toEqual(no);
  } finally {
    await server.stop();
  }
});

test('a key that never had a name is replaced in the same way', async () => {
  const { databaseUrl } = before;
  const unnamed = await startServer({ DATABASE_URL: databaseUrl, JWT_SECRET: a.slice(2) });
  const behind = await startServer({ DATABASE_URL: databaseUrl, JWT_SECRET: `${b},${a.slice(2)}` });
  try {
    const { accessToken } = await loginAt(unnamed);
    for (const server of [unnamed, behind]) expect(await isGoodAt(server, accessToken)).toEqual(yes);
    expect(await isGoodAt(alone, accessToken)).toEqual(no);
  } finally {
    await Promise.all([unnamed.stop(), behind.stop()]);
  }
});
