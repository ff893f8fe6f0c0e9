import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { SessionData } from '../src/auth/auth.service.js';
import { here, openAuthServices, password, type AuthServices } from './support/auth-services.js';

let services: AuthServices;
beforeAll(async () => {
  services = await openAuthServices();
});
afterAll(() => services.close());

let people = 0;
async function someone(): Promise<{ username: string; session: SessionData }> {
  const username = `someone-${(people += 1)}`;
  return { username, session: await services.auth.register({ username, password }, here) };
}

const unauthenticated = { code: 'UNAUTHENTICATED' };
const refresh = ({ refreshToken }: { refreshToken: string }): Promise<SessionData> => services.auth.refresh(refreshToken, '127.0.0.1');
const isSignedIn = async (session: SessionData): Promise<boolean> =>
  (await services.startNode().auth.authenticate(session.accessToken)) !== null;

test('a login is a new device of the same user, whatever the case of the username', async () => {
  const { username, session } = await someone();
  const second = await services.auth.login({ username: username.toUpperCase(), password, deviceName: 'Tablet' }, here);
  expect(second.user).toEqual(session.user);
  expect(second.device).toMatchObject({ name: 'Tablet', current: true });
  expect(second.device.id).not.toBe(session.device.id);
  const listed = await services.devices.list(await services.viewerOf(second));
  expect(Object.fromEntries(listed.map(({ id, current }) => [id, current]))).toEqual({
    [session.device.id]: false,
    [second.device.id]: true,
  });
});

test('a login that fails says the same, whatever is wrong', async () => {
  const { username } = await someone();
  const longest = 'p'.repeat(72);
  await services.auth.register({ username: `${username}-long`, password: longest }, here);
  const faults = [
    { username, password: 'wrong password' },
    { username, password: 'short' },
    { username, password: `${password}\0` },
    { username: `${username}-long`, password: `${longest}x` },
    { username: 'nobody-here', password },
    { username: 'x', password },
    { username: 'no\0body', password },
    { username: 'no\ud800body', password },
  ];
  const errors = await Promise.all(faults.map((login) => services.auth.login(login, here).catch((error: unknown) => error)));
  for (const error of errors)
    expect({ ...(error as object), message: (error as Error).message }).toEqual({
      ...(errors[0] as object),
      message: (errors[0] as Error).message,
    });
  expect(errors[0]).toMatchObject({ code: 'INVALID_CREDENTIALS', details: {} });
});

test('a login takes the same time for an unknown user and a wrong password', async () => {
  const slow = await openAuthServices({ bcryptCost: 8 });
  try {
    await slow.auth.register({ username: 'known', password }, here);
    const time = async (username: string): Promise<number> => {
      const startedAt = performance.now();
      await slow.auth.login({ username, password: 'wrong password' }, here).catch(() => undefined);
      return performance.now() - startedAt;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let round = 0; round < 30; round += 1) {
      known.push(await time('known'));
      unknown.push(await time('unknown'));
    }
    // The fastest of each: what else runs here makes some slower, and none faster.
    const [fastestKnown, fastestUnknown] = [Math.min(...known), Math.min(...unknown)];
    const ratio = fastestUnknown / fastestKnown;
    console.log(`login: unknown ${fastestUnknown.toFixed(1)} ms, wrong password ${fastestKnown.toFixed(1)} ms, ratio ${ratio.toFixed(3)}`);
    // Without a hash for the unknown user it is near 0. The measurement to 5 % needs a quiet machine, this suite has none.
    expect(ratio).toBeGreaterThan(2 / 3);
    expect(ratio).toBeLessThan(3 / 2);
  } finally {
    await slow.close();
  }
});

test('a refresh gives the same device a new session', async () => {
  const { session } = await someone();
  const renewed = await refresh(session);
  expect(renewed.user).toEqual(session.user);
  expect(renewed.device).toMatchObject({ id: session.device.id, name: session.device.name, current: true });
  expect(renewed.refreshToken).not.toBe(session.refreshToken);
  expect(renewed.accessToken).not.toBe(session.accessToken);
  expect(await services.viewerOf(renewed)).toMatchObject({ userId: session.user.id, deviceId: session.device.id });
  await expect(refresh(renewed)).resolves.toMatchObject({ device: { id: session.device.id } });
});

test('a refresh tells this node until when the device has a token', async () => {
  const { session } = await someone();
  const renewals: unknown[] = [];
  const end = services.devices.onRenewed((...renewal) => void renewals.push(renewal));
  const renewed = await refresh(session);
  end();
  await refresh(renewed);
  expect(renewals).toEqual([[session.device.id, renewed.expiresAt]]);
});

test('an answer that was lost is forgiven for 20 seconds: the retry gives the session on', async () => {
  const { session } = await someone();
  const lost = await refresh(session);
  const retried = await refresh(session);
  expect(retried.device.id).toBe(session.device.id);
  await services.letPass(15, session.device.id);
  const again = await refresh(session);
  // Whichever of the answers arrived, its token is good.
  expect(new Set([lost.refreshToken, retried.refreshToken, again.refreshToken]).size).toBe(1);
  await expect(refresh(lost)).resolves.toMatchObject({ device: { id: session.device.id } });
});

test('a second use after 20 seconds revokes the device', async () => {
  const { session } = await someone();
  const renewed = await refresh(session);
  await services.letPass(15, session.device.id);
  await refresh(session);
  await services.letPass(6, session.device.id);
  await expect(refresh(session)).rejects.toMatchObject(unauthenticated);
  await expect(refresh(renewed)).rejects.toMatchObject(unauthenticated);
  expect(await isSignedIn(renewed)).toBe(false);
});

test('a second use of a token that was replaced long ago, or just before the last, revokes the device at once', async () => {
  const { session } = await someone();
  const second = await refresh(session);
  const third = await refresh(second);
  const revoked: string[][] = [];
  const end = services.devices.onRevoked((ids) => void revoked.push(ids));
  await expect(refresh(session)).rejects.toMatchObject(unauthenticated);
  end();
  expect(await isSignedIn(third)).toBe(false);
  await expect(refresh(third)).rejects.toMatchObject(unauthenticated);
  expect(revoked).toEqual([[session.device.id]]);
  expect(services.told.revoked).toContainEqual({ userId: session.user.id, deviceId: session.device.id });
});

test('a second use ends that device only', async () => {
  const { username, session } = await someone();
  const other = await services.auth.login({ username, password }, here);
  await refresh(await refresh(session));
  await expect(refresh(session)).rejects.toMatchObject(unauthenticated);
  expect(await isSignedIn(other)).toBe(true);
});

test('of twenty refreshes at once with one token one rotates, and all are given the same next one', async () => {
  const { session } = await someone();
  const nodes = [services.auth, services.startNode().auth];
  const sessions = await Promise.all(Array.from({ length: 20 }, (_, n) => nodes[n % 2]!.refresh(session.refreshToken, '127.0.0.1')));
  expect(new Set(sessions.map(({ refreshToken }) => refreshToken)).size).toBe(1);
  await expect(refresh(sessions[0]!)).resolves.toMatchObject({ device: { id: session.device.id } });
});

test('of a thief and the owner who go on from one stolen token, the second is noticed', async () => {
  const { session } = await someone();
  const [thief, owner] = await Promise.all([refresh(session), refresh(session)]);
  const further = await refresh(thief);
  await refresh(further);
  await expect(refresh(owner)).rejects.toMatchObject(unauthenticated);
  expect(await isSignedIn(further)).toBe(false);
});

test.for(['', 'x', 'A'.repeat(64), 'A'.repeat(63), `${'A'.repeat(63)}\0`, 'é'.repeat(64)])(
  'a refresh token that is none is refused: %j',
  async (refreshToken) => {
    await expect(refresh({ refreshToken })).rejects.toMatchObject(unauthenticated);
  },
);

test('nobody can have a device revoked by making a token up', async () => {
  const { session } = await someone();
  const family = Buffer.from(session.device.id.replaceAll('-', ''), 'hex');
  const made = Buffer.concat([family, randomBytes(32)]).toString('base64url');
  await expect(refresh({ refreshToken: made })).rejects.toMatchObject(unauthenticated);
  expect(await isSignedIn(session)).toBe(true);
});

test('a refresh token that was not used for 30 days is refused, one that was is good for 30 more', async () => {
  const { session } = await someone();
  await services.letPass(29 * 86_400, session.device.id);
  const renewed = await refresh(session);
  await services.letPass(29 * 86_400, session.device.id);
  const last = await refresh(renewed);
  await services.letPass(31 * 86_400, session.device.id);
  await expect(refresh(last)).rejects.toMatchObject(unauthenticated);
  const { devices } = services;
  expect(await devices.list({ userId: session.user.id, deviceId: session.device.id, tokenExpiresAt: new Date() })).toEqual([]);
});

test('the database holds no refresh token', async () => {
  const { session } = await someone();
  const renewed = await refresh(session);
  const text = 'SELECT device::text AS row FROM device WHERE id = $1';
  const [stored] = await services.database.query<{ row: string }>({ name: 'stored', text }, [session.device.id]);
  for (const { refreshToken } of [session, renewed]) {
    const bytes = Buffer.from(refreshToken, 'base64url');
    for (const part of [bytes.subarray(0, 16), bytes.subarray(16)]) expect(stored?.row).not.toContain(part.toString('hex'));
  }
});

test('a changed password signs out every other device, and this one goes on with a new session', async () => {
  const { username, session } = await someone();
  const others = [await services.auth.login({ username, password }, here), await services.auth.login({ username, password }, here)];
  const viewer = await services.viewerOf(session);
  const revoked: string[][] = [];
  const renewed: string[] = [];
  const ends = [services.devices.onRevoked((ids) => void revoked.push(ids)), services.devices.onRenewed((id) => void renewed.push(id))];
  const next = await services.auth.changePassword(viewer, password, 'another password');
  for (const end of ends) end();

  expect(next.device).toMatchObject({ id: session.device.id, current: true });
  const otherIds = others.map(({ device }) => device.id).toSorted();
  expect(revoked.map((ids) => ids.toSorted())).toEqual([otherIds]);
  expect(renewed).toEqual([session.device.id]);
  for (const other of others) {
    expect(services.told.revoked).toContainEqual({ userId: session.user.id, deviceId: other.device.id });
    expect(await isSignedIn(other)).toBe(false);
    await expect(refresh(other)).rejects.toMatchObject(unauthenticated);
  }
  expect(services.told.revoked).not.toContainEqual(expect.objectContaining({ deviceId: session.device.id }));
  // The token of before is worth nothing, not even to end this device's session.
  await expect(refresh(session)).rejects.toMatchObject(unauthenticated);
  expect(await isSignedIn(next)).toBe(true);
  await expect(refresh(next)).resolves.toMatchObject({ device: { id: session.device.id } });
  await expect(services.auth.login({ username, password }, here)).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
  await expect(services.auth.login({ username, password: 'another password' }, here)).resolves.toMatchObject({ user: session.user });
});

test('a password is not changed without the current one, nor to one that is none', async () => {
  const { username, session } = await someone();
  const other = await services.auth.login({ username, password }, here);
  const viewer = await services.viewerOf(session);
  await expect(services.auth.changePassword(viewer, 'wrong password', 'another password')).rejects.toMatchObject({
    code: 'INVALID_CREDENTIALS',
  });
  for (const next of ['short', 'x'.repeat(73)]) {
    await expect(services.auth.changePassword(viewer, password, next)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      details: { field: 'next' },
    });
  }
  expect(await isSignedIn(other)).toBe(true);
  await expect(services.auth.login({ username, password }, here)).resolves.toBeDefined();
});

test('of two changes of one password at once one is made, and one device is left', async () => {
  const { username, session } = await someone();
  const sessions = [
    session,
    await services.auth.login({ username, password }, here),
    await services.auth.login({ username, password }, here),
  ];
  const viewers = await Promise.all(sessions.map((one) => services.viewerOf(one)));
  const results = await Promise.allSettled(
    viewers.map((viewer, n) => services.auth.changePassword(viewer, password, `another password ${n}`)),
  );
  const winners = results.flatMap((result, n) => (result.status === 'fulfilled' ? [n] : []));
  expect(winners).toHaveLength(1);
  for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'INVALID_CREDENTIALS' });
  const live = await Promise.all(sessions.map(isSignedIn));
  expect(live).toEqual(sessions.map((_, n) => n === winners[0]));
});

test('no login with the old password survives a change of it, however close the two come', async () => {
  for (let round = 0; round < 15; round += 1) {
    const { username, session } = await someone();
    const viewer = await services.viewerOf(session);
    const logins = Array.from({ length: 6 }, () => services.auth.login({ username, password }, here).catch(() => null));
    await services.auth.changePassword(viewer, password, 'another password');
    await Promise.all(logins);
    expect((await services.devices.list(viewer)).map(({ id }) => id)).toEqual([session.device.id]);
  }
});

test('a login whose password was changed while it was checked is refused', async () => {
  const { username, session } = await someone();
  const viewer = await services.viewerOf(session);
  const checking = vi.spyOn(services.hasher, 'verified').mockImplementationOnce(async (_password, find) => {
    const found = await find();
    await services.auth.changePassword(viewer, password, 'another password');
    return found;
  });
  await expect(services.auth.login({ username, password }, here)).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
  checking.mockRestore();
  expect(await services.devices.list(viewer)).toHaveLength(1);
});

test('logout ends the call first, then the session everywhere', async () => {
  const { session } = await someone();
  const viewer = await services.viewerOf(session);
  const revoked: string[][] = [];
  const end = services.devices.onRevoked((ids) => void revoked.push(ids));
  const wasLive = vi.spyOn(services.calls, 'deviceLeft').mockImplementationOnce(async () => {
    expect(await isSignedIn(session)).toBe(true);
    expect(revoked).toEqual([]);
  });
  expect(await services.auth.logout(viewer)).toBe(true);
  end();
  expect(wasLive).toHaveBeenCalledExactlyOnceWith({ userId: viewer.userId, deviceId: viewer.deviceId });
  wasLive.mockRestore();
  expect(revoked).toEqual([[viewer.deviceId]]);
  expect(await services.auth.authenticate(session.accessToken)).toBeNull();
  await expect(refresh(session)).rejects.toMatchObject(unauthenticated);
});

test('a revoked device is out at once on this node, within a second on another, and its call is ended', async () => {
  const { username, session } = await someone();
  const other = await services.auth.login({ username, password }, here);
  const elsewhere = services.startNode();
  expect(await services.auth.authenticate(other.accessToken)).not.toBeNull();
  expect(await elsewhere.auth.authenticate(other.accessToken)).not.toBeNull();
  const revoked: string[][] = [];
  const end = services.devices.onRevoked((ids) => void revoked.push(ids));

  const startedAt = performance.now();
  expect(await services.devices.revoke(await services.viewerOf(session), other.device.id)).toBe(true);
  expect(await services.auth.authenticate(other.accessToken)).toBeNull();
  await vi.waitUntil(async () => (await elsewhere.auth.authenticate(other.accessToken)) === null, { timeout: 2_000, interval: 20 });
  expect(performance.now() - startedAt).toBeLessThan(1_500);
  end();
  expect(revoked).toEqual([[other.device.id]]);
  expect(services.told.revoked).toContainEqual({ userId: session.user.id, deviceId: other.device.id });
  await expect(refresh(other)).rejects.toMatchObject(unauthenticated);
  expect(await isSignedIn(session)).toBe(true);
});

test("a device that is not the viewer's is answered as one that does not exist", async () => {
  const { session } = await someone();
  const { session: stranger } = await someone();
  const viewer = await services.viewerOf(session);
  const answer = (id: string): Promise<unknown> => services.devices.revoke(viewer, id).catch((error: unknown) => error);
  const [foreign, unknown, malformed] = await Promise.all([answer(stranger.device.id), answer(randomUUID()), answer('x')]);
  expect(unknown).toMatchObject({ code: 'NOT_FOUND' });
  for (const other of [foreign, malformed]) expect(JSON.stringify(other)).toBe(JSON.stringify(unknown));
  expect(await isSignedIn(stranger)).toBe(true);
  await expect(services.devices.revoke(viewer, viewer.deviceId)).rejects.toMatchObject({ code: 'BAD_INPUT', details: { field: 'id' } });
  expect(await isSignedIn(session)).toBe(true);
});

test('a revocation whose call could not be ended can be tried again', async () => {
  const { username, session } = await someone();
  const other = await services.auth.login({ username, password }, here);
  const viewer = await services.viewerOf(session);
  const failing = vi.spyOn(services.calls, 'deviceRevoked').mockRejectedValueOnce(new Error('gone'));
  await expect(services.devices.revoke(viewer, other.device.id)).rejects.toThrow('gone');
  expect(await services.devices.revoke(viewer, other.device.id)).toBe(true);
  expect(failing).toHaveBeenCalledTimes(2);
  failing.mockRestore();
});

test('a listener that fails keeps nobody else from being told', async () => {
  const { username, session } = await someone();
  const other = await services.auth.login({ username, password }, here);
  const revoked: string[][] = [];
  const ends = [
    services.devices.onRevoked(() => {
      throw new Error('broken');
    }),
    services.devices.onRevoked((ids) => void revoked.push(ids)),
  ];
  await services.devices.revoke(await services.viewerOf(session), other.device.id);
  for (const end of ends) end();
  expect(revoked).toEqual([[other.device.id]]);
});

test('that a device is there is asked of the database once a second, and written once a minute', async () => {
  const { session } = await someone();
  const seenAt = async (): Promise<number> => (await services.devices.list(await services.viewerOf(session)))[0]!.lastSeenAt.getTime();
  const node = services.startNode();
  const queries = vi.spyOn(services.database, 'query');
  await Promise.all(Array.from({ length: 50 }, () => node.auth.authenticate(session.accessToken)));
  await node.auth.authenticate(session.accessToken);
  expect(queries).toHaveBeenCalledTimes(1);
  queries.mockRestore();

  await services.letPass(50, session.device.id);
  const before = await seenAt();
  await services.startNode().devices.isLive(session.device.id);
  await services.letPass(20, session.device.id);
  await services.startNode().devices.isLive(session.device.id);
  await vi.waitUntil(async () => (await seenAt()) > before, { timeout: 2_000, interval: 20 });
  expect(Math.abs((await seenAt()) - Date.now())).toBeLessThan(5_000);
});
