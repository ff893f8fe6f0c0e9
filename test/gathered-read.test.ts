import { expect, test } from 'vitest';
import { GatheredRead } from '../src/db/gathered-read.js';
import { until } from './support/until.js';

/** A read of many whose answers come when the test says so. */
function slowSource() {
  const asked: { keys: readonly number[]; answer: () => void; fail: (error: Error) => void }[] = [];
  const gathered = new GatheredRead<number, string>(
    (keys) =>
      new Promise((resolve, reject) => asked.push({ keys, answer: () => resolve(keys.map((key) => `value ${key}`)), fail: reject })),
  );
  return { gathered, asked };
}

test('what is wanted in one turn is one statement, and each gets its own', async () => {
  const { gathered, asked } = slowSource();
  const reads = [3, 1, 2, 3].map((key) => gathered.read(key));
  await until('the statement', () => asked.length > 0);
  asked[0]!.answer();
  expect(await Promise.all(reads)).toEqual(['value 3', 'value 1', 'value 2', 'value 3']);
  expect(asked.map(({ keys }) => keys)).toEqual([[3, 1, 2, 3]]);
});

test('what is wanted while a statement is under way waits for the next one, of at most 500', async () => {
  const { gathered, asked } = slowSource();
  const first = gathered.read(0);
  await until('the first statement', () => asked.length === 1);
  const later = Array.from({ length: 501 }, (_, n) => gathered.read(n + 1));
  asked[0]!.answer();
  expect(await first).toBe('value 0');
  await until('the second statement', () => asked.length === 2);
  asked[1]!.answer();
  await until('the third statement', () => asked.length === 3);
  asked[2]!.answer();
  expect(await Promise.all(later)).toHaveLength(501);
  expect(asked.map(({ keys }) => keys.length)).toEqual([1, 500, 1]);
});

test('a statement that fails fails for those it was for, and for nobody else', async () => {
  const { gathered, asked } = slowSource();
  const failing = [gathered.read(1), gathered.read(2)].map((read) => read.catch((error: Error) => error.message));
  await until('the statement', () => asked.length === 1);
  const next = gathered.read(3);
  asked[0]!.fail(new Error('away'));
  expect(await Promise.all(failing)).toEqual(['away', 'away']);
  await until('the next statement', () => asked.length === 2);
  asked[1]!.answer();
  expect(await next).toBe('value 3');
});
