import { expect, test } from 'vitest';
import { Turns } from '../src/server/turns.js';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('of what comes in one moment one passes in each turn of the event loop, in order', async () => {
  const turns = new Turns();
  const passed: { readonly n: number; readonly turn: number }[] = [];
  let turn = 0;
  for (let n = 0; n < 5; n += 1) void turns.next().then(() => passed.push({ n, turn }));
  for (; passed.length < 5; turn += 1) await nextTurn();
  expect(passed.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4]);
  expect(new Set(passed.slice(1).map((it) => it.turn)).size).toBe(4);
});

test('who comes alone does not wait', async () => {
  const turns = new Turns();
  for (let n = 0; n < 3; n += 1) {
    let turned = false;
    const immediate = setImmediate(() => (turned = true));
    await turns.next();
    expect(turned).toBe(false);
    clearImmediate(immediate);
    await nextTurn();
  }
});
