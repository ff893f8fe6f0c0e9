import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { afterEach, expect, test, vi } from 'vitest';
import { AccessTokens } from '../src/auth/access-token.js';
import { Forger } from './support/forged-token.js';

const first = { kid: 'first', secret: 'f'.repeat(31) + '1' };
const second = { kid: 'second', secret: 's'.repeat(31) + '2' };
const tokens = new AccessTokens({ keys: [first, second], lifetimeSeconds: 900, nowMs: () => Date.now() });
const userId = randomUUID();
const deviceId = randomUUID();

afterEach(() => {
  vi.useRealTimers();
});

const forger = new Forger({ keys: [first, second], userId, deviceId });
const now = (): number => Math.floor(Date.now() / 1_000);

test.for(Object.entries(forger.forgeries))('a token is refused: %s', ([, token]) => {
  expect(tokens.verify(token)).toBeNull();
});

test('the forger can make a good one too, so what is refused is refused for its fault', () => {
  expect(tokens.verify(forger.forge())).toMatchObject({ userId, deviceId });
});

test('what was issued says who and until when', () => {
  const { accessToken, expiresAt } = tokens.issue(userId, deviceId);
  expect(tokens.verify(accessToken)).toEqual({ userId, deviceId, tokenExpiresAt: expiresAt });
  expect(jwt.decode(accessToken, { complete: true })?.header).toEqual(forger.header);
  expect(Math.abs(expiresAt.getTime() - Date.now() - 900_000)).toBeLessThan(2_000);
});

test('a token of the second key is good, and one of a key that was taken off the ring is not', () => {
  const older = new AccessTokens({ keys: [second], lifetimeSeconds: 900, nowMs: () => Date.now() }).issue(userId, deviceId);
  expect(tokens.verify(older.accessToken)).not.toBeNull();
  expect(new AccessTokens({ keys: [first], lifetimeSeconds: 900, nowMs: () => Date.now() }).verify(older.accessToken)).toBeNull();
});

test('a node whose clock is half a minute ahead issues good tokens, one that is further ahead does not', () => {
  expect(tokens.verify(forger.forge({ iat: now() + 25, nbf: now() + 25, exp: now() + 85 }))).not.toBeNull();
  expect(tokens.verify(forger.forge({ iat: now() + 35 }))).toBeNull();
  expect(tokens.verify(forger.forge({ nbf: now() + 35 }))).toBeNull();
});

test('a token that was verified before ends on time all the same', () => {
  const { accessToken, expiresAt } = tokens.issue(userId, deviceId);
  expect(tokens.verify(accessToken)).not.toBeNull();
  vi.useFakeTimers({ now: expiresAt.getTime() - 1, toFake: ['Date'] });
  expect(tokens.verify(accessToken)).not.toBeNull();
  vi.setSystemTime(expiresAt);
  expect(tokens.verify(accessToken)).toBeNull();
});
