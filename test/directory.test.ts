import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BatchLoader } from '../src/db/batch-loader.js';
import { here, openAuthServices, password, type AuthServices } from './support/auth-services.js';

let services: AuthServices;
const ids = new Map<string, string>();

beforeAll(async () => {
  services = await openAuthServices();
  const people = [
    ['mar', 'Zoe'],
    ['maria', 'Maria Short'],
    ['MARIANNE', 'Marianne'],
    ['zed', 'Marlon'],
    ['yan', 'MARLENE DIETRICH'],
    ['percent', '100% real'],
    ['under_score', 'x'],
    ['underXscore', 'x'],
    ['back', String.raw`a\b c`],
  ] as const;
  for (const [username, displayName] of people) {
    const { user } = await services.auth.register({ username, password, displayName }, here);
    ids.set(username, user.id);
  }
});
afterAll(() => services.close());

const search = async (text: string, first: number | null = 20): Promise<string[]> =>
  (await services.users.search({ userId: 'whoever searches' }, text, first)).map(({ username }) => username);

test('a search finds the exact username first, then usernames, then display names, the shortest first', async () => {
  expect(await search('mar')).toEqual(['mar', 'maria', 'MARIANNE', 'zed', 'yan']);
  expect(await search('  MARIA ')).toEqual(['maria', 'MARIANNE']);
  expect(await search('ｍａｒｌ')).toEqual(['zed', 'yan']);
  expect(await search('mar', 2)).toEqual(['mar', 'maria']);
  expect(await search('nobody')).toEqual([]);
});

test('what SQL would take for a pattern is taken as it is', async () => {
  expect(await search('100%')).toEqual(['percent']);
  expect(await search('%%%')).toEqual([]);
  expect(await search('under_')).toEqual(['under_score']);
  expect(await search(String.raw`a\b`)).toEqual(['back']);
});

test.for(['ab', ' ab ', '', 'x'.repeat(65), 'ab\0c', 'ab\ud800'])('a search for %j is refused', async (text) => {
  await expect(search(text)).rejects.toMatchObject({ code: 'BAD_INPUT', details: { field: 'search' } });
});

test.for([0, 101, -1, null])('a search for the first %s is refused', async (first) => {
  await expect(search('mar', first)).rejects.toMatchObject({ code: 'BAD_INPUT', details: { field: 'first' } });
});

test('a user is found by id or by username, and nobody is null', async () => {
  const id = ids.get('maria')!;
  const { users } = services;
  expect(await users.find({ id })).toMatchObject({ id, username: 'maria', displayName: 'Maria Short' });
  expect(await users.find({ id: id.toUpperCase() })).toMatchObject({ id });
  expect(await users.find({ username: 'MARIA' })).toMatchObject({ id });
  expect(await users.find({ id, username: null })).toMatchObject({ id });
  for (const nobody of [
    { id: randomUUID() },
    { id: 'not-a-uuid' },
    { id: '' },
    { username: 'nobody' },
    { username: 'x' },
    { username: 'ma\0ria' },
  ]) {
    expect(await users.find(nobody)).toBeNull();
  }
  await expect(users.find({})).rejects.toMatchObject({ code: 'BAD_INPUT', details: { field: 'id' } });
  await expect(users.find({ id: null, username: null })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  await expect(users.find({ id, username: 'maria' })).rejects.toMatchObject({ code: 'BAD_INPUT', details: { field: 'username' } });
});

test('nothing but what others may see is given out', async () => {
  expect(Object.keys((await services.users.find({ username: 'maria' }))!).toSorted()).toEqual([
    'createdAt',
    'displayName',
    'id',
    'username',
  ]);
});

test('a changed display name is found by the new name only', async () => {
  const session = await services.auth.register({ username: 'changer', password, displayName: 'Before' }, here);
  const viewer = await services.viewerOf(session);
  expect(await services.users.updateProfile(viewer, ' After ')).toEqual({ ...session.user, displayName: 'After' });
  expect(await search('aFTER')).toEqual(['changer']);
  expect(await search('before')).toEqual([]);
  await expect(services.users.updateProfile(viewer, '')).rejects.toMatchObject({ code: 'BAD_INPUT', details: { field: 'displayName' } });
});

test('what one turn asks for comes in one read', async () => {
  const reads: string[][] = [];
  const loader = new BatchLoader((keys) => {
    reads.push([...keys]);
    return Promise.resolve(new Map(keys.filter((key) => key !== 'nobody').map((key) => [key, key.toUpperCase()])));
  });
  const later = Promise.resolve()
    .then(() => undefined)
    .then(() => undefined)
    .then(() => loader.load('c'));
  expect(await Promise.all([loader.load('a'), loader.load('b'), loader.load('a'), loader.load('nobody'), later])).toEqual([
    'A',
    'B',
    'A',
    null,
    'C',
  ]);
  expect(reads).toEqual([['a', 'b', 'nobody', 'c']]);
  await loader.load('a');
  expect(reads).toHaveLength(2);
});

test('a read that fails fails for those who asked, and the next one is a new one', async () => {
  let fails = true;
  const loader = new BatchLoader(() => (fails ? Promise.reject(new Error('gone')) : Promise.resolve(new Map())));
  const both = await Promise.allSettled([loader.load('a'), loader.load('b')]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fails = false;
  expect(await loader.load('a')).toBeNull();
});

test('users are found by ids of any form in one turn', async () => {
  const { users } = services;
  const found = await Promise.all([
    users.byIdBatched(ids.get('maria')!),
    users.byIdBatched('no-uuid'),
    users.byIdBatched(ids.get('zed')!.toUpperCase()),
  ]);
  expect(found.map((user) => user?.username)).toEqual(['maria', undefined, 'zed']);
});
