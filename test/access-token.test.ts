import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { afterEach, expect, test, vi } from 'vitest';
import { AccessTokens } from '../src/auth/access-token.js';

const first = { kid: 'first', secret: 'f'.repeat(31) + '1' };
const second = { kid: 'second', secret: 's'.repeat(31) + '2' };
const tokens = new AccessTokens({ keys: [first, second], lifetimeSeconds: 900, nowMs: () => Date.now() });
const userId = randomUUID();
const deviceId = randomUUID();
const now = (): number => Math.floor(Date.now() / 1_000);

afterEach(() => {
  vi.useRealTimers();
});

const goodHeader = { alg: 'HS256', typ: 'at+jwt', kid: 'first' };
const goodClaims = () => ({
  iss: 'switchboard',
  aud: 'switchboard-api',
  sub: userId,
  did: deviceId,
  jti: randomUUID(),
  iat: now(),
  exp: now() + 60,
});
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token by hand: everything a thief could change, signed with whatever they have. */
function forge(claims: object = {}, header: object = {}, secret = first.secret, hash = 'sha256'): string {
  const signed = `${encode({ ...goodHeader, ...header })}.${encode({ ...goodClaims(), ...claims })}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const unsigned = (header: object): string => `${encode({ ...goodHeader, ...header })}.${encode(goodClaims())}.`;
const flipped = (token: string): string => token.slice(0, -2) + (token.at(-2) === 'A' ? 'B' : 'A') + token.at(-1);

const forgeries: Record<string, () => string> = {
  'no algorithm': () => unsigned({ alg: 'none' }),
  'no algorithm, in other letters': () => unsigned({ alg: 'NoNe' }),
  'no algorithm but a signature': () => forge({}, { alg: 'none' }),
  'HS256 without its signature': () => unsigned({}),
  HS384: () => forge({}, { alg: 'HS384' }, first.secret, 'sha384'),
  HS512: () => forge({}, { alg: 'HS512' }, first.secret, 'sha512'),
  RS256: () => jwt.sign(goodClaims(), rsa.privateKey, { algorithm: 'RS256', header: { ...goodHeader, alg: 'RS256' } }),
  ES256: () => jwt.sign(goodClaims(), ec.privateKey, { algorithm: 'ES256', header: { ...goodHeader, alg: 'ES256' } }),
  'a public key as the secret': () => forge({}, {}, publicPem),
  'another secret': () => forge({}, {}, 'x'.repeat(32)),
  'the secret of another kid': () => forge({}, { kid: 'second' }),
  'a kid that is not in the ring': () => forge({}, { kid: 'replaced' }),
  'no kid': () => forge({}, { kid: undefined }),
  'a kid that every object has': () => forge({}, { kid: 'constructor' }),
  'another issuer': () => forge({ iss: 'somebody' }),
  'no issuer': () => forge({ iss: undefined }),
  'another audience': () => forge({ aud: 'another-api' }),
  'no audience': () => forge({ aud: undefined }),
  'another type': () => forge({}, { typ: 'JWT' }),
  'no type': () => forge({}, { typ: undefined }),
  expired: () => forge({ exp: now() - 1 }),
  'expired within the tolerance for clocks': () => forge({ iat: now() - 60, exp: now() - 10 }),
  'without an end': () => forge({ exp: undefined }),
  'with an end in words': () => forge({ exp: '2999-01-01' }),
  'not valid yet': () => forge({ nbf: now() + 45 }),
  'made in the future': () => forge({ iat: now() + 45 }),
  'without a beginning': () => forge({ iat: undefined }),
  'of nobody': () => forge({ sub: undefined }),
  'of somebody who has no UUID': () => forge({ sub: 'ana' }),
  'of no device': () => forge({ did: undefined }),
  'of a device that is no UUID': () => forge({ did: ['x'] }),
  'with another signature': () => flipped(forge()),
  truncated: () => forge().slice(0, -8),
  'with other claims under its signature': () => forge().replace(/\.[^.]+\./, `.${encode({ ...goodClaims(), sub: randomUUID() })}.`),
  'with a fourth part': () => `${forge()}.e30`,
  empty: () => '',
  garbage: () => 'a.b.c',
  'no JSON': () => `${Buffer.from('{').toString('base64url')}.${encode({})}.x`,
  'null as header': () => `${encode(null)}.${encode(goodClaims())}.x`,
  'text as claims': () => jwt.sign('text', first.secret, { header: goodHeader }),
  'null as claims': () => {
    const signed = `${encode(goodHeader)}.${encode(null)}`;
    return `${signed}.${createHmac('sha256', first.secret).update(signed).digest('base64url')}`;
  },
};

test.for(Object.entries(forgeries))('a token is refused: %s', ([, make]) => {
  expect(tokens.verify(make())).toBeNull();
});

test('the forger can make a good one too, so what is refused is refused for its fault', () => {
  expect(tokens.verify(forge())).toMatchObject({ userId, deviceId });
});

test('what was issued says who and until when', () => {
  const { accessToken, expiresAt } = tokens.issue(userId, deviceId);
  expect(tokens.verify(accessToken)).toEqual({ userId, deviceId, tokenExpiresAt: expiresAt });
  expect(jwt.decode(accessToken, { complete: true })?.header).toEqual(goodHeader);
  expect(Math.abs(expiresAt.getTime() - Date.now() - 900_000)).toBeLessThan(2_000);
});

test('a token of the second key is good, and one of a key that was taken off the ring is not', () => {
  const older = new AccessTokens({ keys: [second], lifetimeSeconds: 900, nowMs: () => Date.now() }).issue(userId, deviceId);
  expect(tokens.verify(older.accessToken)).not.toBeNull();
  expect(new AccessTokens({ keys: [first], lifetimeSeconds: 900, nowMs: () => Date.now() }).verify(older.accessToken)).toBeNull();
});

test('a node whose clock is half a minute ahead issues good tokens, one that is further ahead does not', () => {
  expect(tokens.verify(forge({ iat: now() + 25, nbf: now() + 25, exp: now() + 85 }))).not.toBeNull();
  expect(tokens.verify(forge({ iat: now() + 35 }))).toBeNull();
  expect(tokens.verify(forge({ nbf: now() + 35 }))).toBeNull();
});

test('a token that was verified before ends on time all the same', () => {
  const { accessToken, expiresAt } = tokens.issue(userId, deviceId);
  expect(tokens.verify(accessToken)).not.toBeNull();
  vi.useFakeTimers({ now: expiresAt.getTime() - 1, toFake: ['Date'] });
  expect(tokens.verify(accessToken)).not.toBeNull();
  vi.setSystemTime(expiresAt);
  expect(tokens.verify(accessToken)).toBeNull();
});
