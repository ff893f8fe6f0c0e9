import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp, type Device } from './support/device.js';
import { Forger } from './support/forged-token.js';
import { RawSocket } from './support/raw-socket.js';
import { startServer, type TestServer } from './support/server.js';
import { ask, transports } from './support/transports.js';

const keys = [
  { kid: 'new', secret: '5b1c0f6be2a94d3f8a7706c1d2e4f913' },
  { kid: 'old', secret: 'c3d19a4b77e05f26814cde90ab5f3e72' },
] as const;
let server: TestServer;
let ana: Device;
let forger: Forger;
beforeAll(async () => {
  server = await startServer({ JWT_SECRET: keys.map(({ kid, secret }) => `${kid}:${secret}`).join(',') });
  ana = await signUp(server, 'ana');
  forger = new Forger({ keys, userId: ana.userId, deviceId: ana.id });
});
afterAll(() => server.stop());

/** All that comes back but the time of day. */
async function overHttp(authorization: string | null, query = '{ me { id } }'): Promise<string> {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === null ? {} : { authorization }) },
    body: JSON.stringify({ query }),
  });
  const headers = [...response.headers].filter(([name]) => name !== 'date').map((header) => header.join(': '));
  return [response.status, ...headers, await response.text()].join('\n');
}

/** With what a socket ends whose first message that is, and what it was told before. */
async function overSocket(payload: object): Promise<{ code: number; reason: string; frames: number } | 'acknowledged'> {
  const socket = new RawSocket(server.webSocketUrl);
  await socket.send({ type: 'connection_init', payload });
  const closed = await Promise.race([socket.closed, socket.frame('connection_ack').then(() => null)]);
  socket.terminate();
  return closed === null ? 'acknowledged' : { ...closed, frames: socket.frames.length };
}
const refused = { code: 4403, reason: 'Forbidden', frames: 0 };

test('there are more than 25 forgeries, and a token by the same hand without a fault is good', async () => {
  expect(Object.keys(forger.forgeries).length).toBeGreaterThan(25);
  for (const good of [forger.forge(), forger.forge({}, { kid: 'old' }, keys[1].secret)]) {
    for (const transport of transports)
      expect(await ask(transport, server, good, '{ me { id } }')).toEqual({ data: { me: { id: ana.userId } } });
    expect(await overSocket({ Authorization: `Bearer ${good}` })).toBe('acknowledged');
  }
});

const names = Object.keys(new Forger({ keys, userId: randomUUID(), deviceId: randomUUID() }).forgeries);
test.for(names)('a token is as good as none over HTTP, and closes the socket with 4403: %s', async (name) => {
  const token = forger.forgeries[name] ?? '';
  const none = await overHttp(null);
  expect(none).toContain('"code":"UNAUTHENTICATED"');
  for (const authorization of [`Bearer ${token}`, token]) expect(await overHttp(authorization)).toBe(none);
  for (const parameter of ['Authorization', 'authorization', 'accessToken'])
    expect(await overSocket({ [parameter]: `Bearer ${token}` })).toEqual(refused);
});

test.for<[what: string, credential: () => string]>([
  ['a refresh token', () => `Bearer ${ana.session.refreshToken}`],
  ['a good token, said to be another thing', () => `Basic ${ana.token}`],
  ['a good token behind two words', () => `Bearer Bearer ${ana.token}`],
  ['two good tokens', () => `Bearer ${ana.token}, Bearer ${ana.token}`],
  ['a good token in quotation marks', () => `Bearer "${ana.token}"`],
  ['name and password', () => `Basic ${Buffer.from(`${ana.session.user.username}:correct horse`).toString('base64')}`],
  ["a device's id", () => `Bearer ${ana.id}`],
])('%s is no access token', async ([, credential]) => {
  expect(await overHttp(credential())).toBe(await overHttp(null));
  expect(await overSocket({ Authorization: credential() })).toEqual(refused);
});

test('a token of any length is refused: a header that is too long with 431, a message that is too long with 1009', async () => {
  expect(await overHttp(`Bearer ${'x'.repeat(20_000)}`)).toMatch(/^431\n/);
  expect(await overSocket({ Authorization: `Bearer ${forger.forge({ sub: 'x'.repeat(150_000) })}` })).toEqual(refused);
  expect(await overSocket({ Authorization: `Bearer ${'x'.repeat(300_000)}` })).toMatchObject({ code: 1009, frames: 0 });
});

test.for(transports)(
  'over %s no access token, good or forged, is a refresh token, and what was made up is answered alike',
  async (transport) => {
    const refresh = (refreshToken: string) =>
      ask(transport, server, null, 'mutation ($refreshToken: String!) { refreshSession(refreshToken: $refreshToken) { expiresAt } }', {
        refreshToken,
      });
    const madeUp = await refresh(randomBytes(48).toString('base64url'));
    expect(madeUp).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    for (const token of [ana.token, forger.forge(), '', ana.id, `${ana.session.refreshToken}x`, ana.session.refreshToken.toLowerCase()])
      expect(await refresh(token)).toEqual(madeUp);
    expect(await ana.activeCalls()).toEqual([]);
  },
);

test('an access token is good for a quarter of an hour, unless that is set', async () => {
  const { exp, iat } = JSON.parse(Buffer.from(ana.token.split('.')[1] ?? '', 'base64url').toString()) as { exp: number; iat: number };
  expect(exp - iat).toBe(900);
  expect(Date.parse(ana.session.expiresAt)).toBe(exp * 1_000);
});
