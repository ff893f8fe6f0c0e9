import { afterAll, beforeAll, expect, test } from 'vitest';
import { here, openAuthServices, password, type AuthServices } from './support/auth-services.js';

let services: AuthServices;
beforeAll(async () => {
  services = await openAuthServices();
});
afterAll(() => services.close());

test('whoever registers is signed in, and is who they say', async () => {
  const session = await services.auth.register({ username: 'Ana', password }, here);
  expect(session.user).toMatchObject({ username: 'Ana', displayName: 'Ana', createdAt: expect.any(Date) });
  expect(session.device).toMatchObject({
    name: 'Unnamed device',
    current: true,
    createdAt: expect.any(Date),
    lastSeenAt: expect.any(Date),
  });
  const viewer = await services.viewerOf(session);
  expect(viewer).toEqual({ userId: session.user.id, deviceId: session.device.id, tokenExpiresAt: session.expiresAt });
  expect(await services.users.me(viewer)).toMatchObject(session.user);
  expect(Math.abs(session.user.createdAt.getTime() - Date.now())).toBeLessThan(5_000);
});

test('names are taken as given, without the white space around them', async () => {
  const session = await services.auth.register({ username: 'named', password, displayName: ' Náme D ', deviceName: ' Phone ' }, here);
  expect(session.user.displayName).toBe('Náme D');
  expect(session.device.name).toBe('Phone');
});

test('a new user has an inbox at its beginning', async () => {
  const { user } = await services.auth.register({ username: 'inboxed', password }, here);
  const text = 'SELECT seq, at, replay_seq FROM inbox_head WHERE user_id = $1';
  const [head] = await services.database.query<{ seq: string; at: string; replay_seq: string | null }>({ name: 'head', text }, [user.id]);
  expect(head).toMatchObject({ seq: '0', replay_seq: null });
  expect(Math.abs(Number(head?.at) / 1_000 - Date.now())).toBeLessThan(5_000);
});

test.for(['taken', 'TAKEN', 'ｔａｋｅｎ'])('a username is taken whatever its case and width: %s', async (username) => {
  await services.auth.register({ username: 'Taken', password }, here).catch(() => undefined);
  await expect(services.auth.register({ username, password }, here)).rejects.toMatchObject({
    code: 'USERNAME_TAKEN',
    details: { field: 'username' },
  });
});

test('of ten who ask for one username at once, one gets it and nothing is left of the others', async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, () => services.auth.register({ username: 'wanted', password }, here)),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'USERNAME_TAKEN' });
  const text =
    'SELECT (SELECT count(*) FROM account) AS accounts, (SELECT count(*) FROM inbox_head) AS heads, (SELECT count(DISTINCT user_id) FROM device) AS owners';
  const [counts] = await services.database.query<Record<string, string>>({ name: 'counts', text }, []);
  expect(counts?.['heads']).toBe(counts?.['accounts']);
  expect(counts?.['owners']).toBe(counts?.['accounts']);
});

test.for([
  ['username', { username: 'ab' }],
  ['username', { username: 'a'.repeat(33) }],
  ['username', { username: 'an\0a' }],
  ['password', { password: '1234567' }],
  ['password', { password: 'a'.repeat(73) }],
  ['displayName', { displayName: '' }],
  ['displayName', { displayName: 'x'.repeat(65) }],
  ['deviceName', { deviceName: ' ' }],
  ['deviceName', { deviceName: 'x'.repeat(65) }],
] as const)('what is not acceptable is named: %s of %j', async ([field, fault]) => {
  const registering = services.auth.register({ username: 'faulty', password, ...fault }, here);
  await expect(registering).rejects.toMatchObject({ code: 'BAD_INPUT', details: { field } });
  expect(await services.users.find({ username: 'faulty' })).toBeNull();
});

test('the longest and the shortest of everything is accepted', async () => {
  const longest = { username: 'L'.repeat(32), password: 'p'.repeat(72), displayName: 'd'.repeat(64), deviceName: 'n'.repeat(64) };
  expect((await services.auth.register(longest, here)).user).toMatchObject({
    username: longest.username,
    displayName: longest.displayName,
  });
  const shortest = { username: 'shr', password: '12345678', displayName: 'd', deviceName: 'n' };
  expect((await services.auth.register(shortest, here)).device).toMatchObject({ name: 'n' });
});
