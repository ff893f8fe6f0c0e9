import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { IceServersQuery } from '../src/client/gql/graphql.js';
import { iceServersOperation } from '../src/client/operations.js';
import { turnCredential } from '../src/ice/turn-credential.js';
import { post } from './support/api.js';
import { signUp } from './support/device.js';
import { startServerForTest, type TestServer } from './support/server.js';
import { ask, transports, type Transport } from './support/transports.js';

const secret = 'b7e4a1908d1c2b7e3f0c9d4e6f0a4b57';
const stunUrls = ['stun:stun.example.org', 'stun:203.0.113.5:3479'];
const turnUrls = ['turn:turn.example.org?transport=udp', 'turns:turn.example.org:443?transport=tcp'];
const everything = { STUN_URLS: stunUrls.join(), TURN_URLS: turnUrls.join(', '), TURN_SECRET: secret };

async function iceServers(transport: Transport, server: TestServer, token: string) {
  const { data } = await ask(transport, server, token, String(iceServersOperation));
  return (data as IceServersQuery).iceServers;
}

// By `printf '%s' <username> | openssl dgst -sha1 -hmac <secret> -binary | base64`.
test.for([
  ['north', 1_795_526_100_000, 3_600, '1795529700:3f0c9d4e-6f0a-4b57-9a52-8d1c2b7e4a10', 'j1D/ktdztTbuOUyeYfDEsUh/hlk='],
  ['north', 1_795_526_100_999, 3_600, '1795529700:3f0c9d4e-6f0a-4b57-9a52-8d1c2b7e4a10', 'j1D/ktdztTbuOUyeYfDEsUh/hlk='],
  ['key', -60_000, 60, '0:u', 'RyJx+Px+tF/aS5+/RROqvnqqxPY='],
] as const)('a credential is the HMAC of an expiry and a user: %s at %i for %i s', ([key, nowMs, ttlSeconds, username, credential]) => {
  const [, userId = ''] = username.split(':');
  const made = turnCredential({ secret: key, userId, ttlSeconds, now: new Date(nowMs) });
  expect(made).toEqual({ username, credential, expiresAt: new Date(Number(username.split(':')[0]) * 1_000) });
});

test.for(transports)('over %s there are no servers where none are configured', async (transport) => {
  const server = await startServerForTest();
  const { token } = await signUp(server);
  expect(await iceServers(transport, server, token)).toEqual({ servers: [], expiresAt: null });
});

test.for(transports)('over %s STUN servers need no credential, so nothing expires', async (transport) => {
  const server = await startServerForTest({ STUN_URLS: everything.STUN_URLS });
  const { token } = await signUp(server);
  expect(await iceServers(transport, server, token)).toEqual({
    servers: [{ urls: stunUrls, username: null, credential: null }],
    expiresAt: null,
  });
});

test.for(transports)("over %s TURN servers come with a credential of the viewer's own, and the instant it ends at", async (transport) => {
  const server = await startServerForTest({ ...everything, TURN_TTL_SECONDS: '600' });
  const [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  for (const device of [ana, ben, await ana.another('tablet')]) {
    const askedAtMs = Date.now();
    const { servers, expiresAt } = await iceServers(transport, server, device.token);
    const [stun, turn] = servers;
    expect(servers).toHaveLength(2);
    expect(stun).toEqual({ urls: stunUrls, username: null, credential: null });
    const [expirySeconds, userId] = turn!.username!.split(':');
    expect(userId).toBe(device.userId);
    expect(expiresAt).toBe(new Date(Number(expirySeconds) * 1_000).toISOString());
    expect(turn).toEqual({
      urls: turnUrls,
      username: turn!.username,
      credential: createHmac('sha1', secret).update(turn!.username!).digest('base64'),
    });
    const goodForMs = Date.parse(expiresAt!) - askedAtMs;
    expect(goodForMs).toBeGreaterThan(599_000);
    expect(goodForMs).toBeLessThanOrEqual(600_000 + Date.now() - askedAtMs);
  }
});

test.for(transports)('over %s TURN alone is enough, for an hour unless it is said', async (transport) => {
  const server = await startServerForTest({ TURN_URLS: turnUrls[0]!, TURN_SECRET: secret });
  const { token } = await signUp(server);
  const { servers, expiresAt } = await iceServers(transport, server, token);
  expect(servers.map(({ urls }) => urls)).toEqual([[turnUrls[0]]]);
  expect(Math.abs(Date.parse(expiresAt!) - Date.now() - 3_600_000)).toBeLessThan(30_000);
});

test.for(transports)('over %s nobody gets a credential who is not signed in', async (transport) => {
  const server = await startServerForTest(everything);
  const device = await signUp(server);
  const { data, errors } = await ask(transport, server, null, String(iceServersOperation));
  expect(data ?? null).toBeNull();
  expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  await device.logOut();
  // With a token that is no longer good the socket does not even open.
  const answer = await post(server.url, device.token, String(iceServersOperation));
  expect(answer.body.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  expect(JSON.stringify(answer.body)).not.toContain(device.userId);
});

test('no cache between server and client keeps a credential', async () => {
  const server = await startServerForTest(everything);
  const { token } = await signUp(server);
  const asked = new URL(server.url);
  asked.searchParams.set('query', String(iceServersOperation));
  const response = await fetch(asked, { headers: { authorization: `Bearer ${token}` } });
  expect(await response.text()).toContain('credential');
  expect(response.headers.get('cache-control')).toBe('no-store');
});
