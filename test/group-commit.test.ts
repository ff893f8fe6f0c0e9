import { expect, test } from 'vitest';
import { AppError } from '../src/errors.js';
import { GroupCommit, type GroupCommitOptions } from '../src/inbox/group-commit.js';
import { until } from './support/until.js';

interface Item {
  readonly name: string;
  readonly bytes: number;
}

const item = (name: string, bytes = 1): Item => ({ name, bytes });
const sqlError = (code: string) => Object.assign(new Error('refused'), { code });

/** A commit that is finished by hand; it answers with the names. */
function shop(options: Partial<GroupCommitOptions<Item, string>> = {}) {
  const told: string[] = [];
  const batches: { names: string[]; again: boolean; finish: (failure?: Error) => void }[] = [];
  const group = new GroupCommit<Item, string>({
    commit: (items, again) =>
      new Promise((resolve, reject) => {
        const names = items.map(({ name }) => name);
        batches.push({ names, again, finish: (failure) => (failure === undefined ? resolve(names) : reject(failure)) });
      }),
    bytesOf: ({ bytes }) => bytes,
    identityOf: ({ name }) => name,
    observer: { committed: (rows) => told.push(`${rows} committed`), commitFailed: (how) => told.push(how) },
    ...options,
  });
  const batch = (n: number) => until(`batch ${n}`, () => batches[n - 1]);
  return { group, batches, batch, told };
}

test('what comes in one turn of the event loop is one commit, and each gets its own result', async () => {
  const { group, batch } = shop();
  const results = ['a', 'b', 'c'].map((name) => group.submit(item(name)));
  const first = await batch(1);
  expect(first).toMatchObject({ names: ['a', 'b', 'c'], again: false });
  first.finish();
  expect(await Promise.all(results)).toEqual(['a', 'b', 'c']);
  expect(group.queued).toBe(0);
});

test('what comes while a commit is under way waits for the next one and goes in together, in order', async () => {
  const { group, batches, batch } = shop();
  const first = group.submit(item('a'));
  const one = await batch(1);
  const later = ['b', 'c', 'd'].map((name) => group.submit(item(name)));
  expect(group.queued).toBe(3);
  expect(batches).toHaveLength(1);
  one.finish();
  expect(await first).toBe('a');
  const two = await batch(2);
  expect(two.names).toEqual(['b', 'c', 'd']);
  two.finish();
  expect(await Promise.all(later)).toEqual(['b', 'c', 'd']);
});

test.for<[what: string, options: Partial<GroupCommitOptions<Item, string>>, items: Item[], names: string[][]]>([
  ['rows', { maxRows: 2 }, ['a', 'b', 'c', 'd', 'e'].map((name) => item(name)), [['a', 'b'], ['c', 'd'], ['e']]],
  [
    'bytes',
    { maxBytes: 10 },
    [item('a', 5), item('b', 5), item('c', 1), item('d', 9)],
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['bytes, but for a first one that is larger', { maxBytes: 10 }, [item('a', 20), item('b', 20)], [['a'], ['b']]],
  [
    'identity: the same one never stands twice in a batch',
    {},
    ['a', 'b', 'a', 'c', 'a'].map((name) => item(name)),
    [['a', 'b'], ['a', 'c'], ['a']],
  ],
])('a batch is bounded by %s', async ([, options, items, names]) => {
  const { group, batches, batch } = shop(options);
  const results = items.map((one) => group.submit(one));
  for (let n = 1; n <= names.length; n += 1) (await batch(n)).finish();
  expect(await Promise.all(results)).toEqual(items.map(({ name }) => name));
  expect(batches.map((one) => one.names)).toEqual(names);
});

test.for<[what: string, options: Partial<GroupCommitOptions<Item, string>>]>([
  ['rows', { maxQueued: 2, maxRows: 1 }],
  ['bytes', { maxQueuedBytes: 20, maxRows: 1 }],
])('a queue that is full by %s is TOO_BUSY, says when to come back, and is open again when it has moved', async ([, options]) => {
  const { group, batch } = shop(options);
  const first = group.submit(item('a', 10));
  const one = await batch(1);
  const queued = [group.submit(item('b', 10)), group.submit(item('c', 10))];
  const refused = await group.submit(item('d', 10)).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'TOO_BUSY', details: { retryAfterMs: expect.any(Number) } });
  one.finish();
  await first;
  const two = await batch(2);
  const welcome = group.submit(item('e', 10));
  two.finish();
  for (const n of [3, 4]) (await batch(n)).finish();
  expect(await Promise.all([...queued, welcome])).toEqual(['b', 'c', 'e']);
});

test.for(['08006', '40001', '40P01', '53300', '55P03', '57P01'])('a batch that failed by %s is sent again, and says so', async (code) => {
  const { group, batch, told } = shop();
  const results = [group.submit(item('a')), group.submit(item('b'))];
  (await batch(1)).finish(sqlError(code));
  const again = await batch(2);
  expect(again).toMatchObject({ names: ['a', 'b'], again: true });
  again.finish();
  expect(await Promise.all(results)).toEqual(['a', 'b']);
  expect(told).toEqual(['retried', '2 committed']);
});

test('a batch that goes on failing is UNAVAILABLE within two seconds, and the next one is tried', async () => {
  const { group, told } = shop({
    commit: (items) => (items[0]?.name === 'bad' ? Promise.reject(sqlError('08006')) : Promise.resolve(['fine'])),
  });
  const startedAt = performance.now();
  const failed = group.submit(item('bad')).catch((error: unknown) => error);
  await until('the batch to be under way', () => group.queued === 0);
  const next = group.submit(item('good'));
  const error = await failed;
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code: 'UNAVAILABLE' });
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect(await next).toBe('fine');
  expect(new Set(told)).toEqual(new Set(['retried', 'given-up', '1 committed']));
});

test.for(['22001', '23505', '54000'])('where the values of a row are refused by %s the rows go in one by one, in order', async (code) => {
  const tried: string[][] = [];
  const { group, told } = shop({
    commit: (items) => {
      const names = items.map(({ name }) => name);
      tried.push(names);
      return names.includes('poison') ? Promise.reject(sqlError(code)) : Promise.resolve(names);
    },
  });
  const results = await Promise.allSettled(['a', 'poison', 'b'].map((name) => group.submit(item(name))));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(tried).toEqual([['a', 'poison', 'b'], ['a'], ['poison'], ['b']]);
  expect(told).toEqual(['refused', '1 committed', 'refused', '1 committed']);
});

test('a failure of any other kind is for the whole batch at once, and the next one is tried', async () => {
  const { group, batch } = shop();
  const results = Promise.allSettled([group.submit(item('a')), group.submit(item('b'))]);
  const failure = sqlError('42P01');
  (await batch(1)).finish(failure);
  expect(await results).toEqual([
    { status: 'rejected', reason: failure },
    { status: 'rejected', reason: failure },
  ]);
  const next = group.submit(item('c'));
  (await batch(2)).finish();
  expect(await next).toBe('c');
});
