import { expect, test } from 'vitest';
import { Turns } from '../src/server/turns.js';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test.for([1, 3])('of what comes in one moment %i pass in each turn of the event loop, in order', async (perTurn) => {
  const turns = new Turns(perTurn);
  const passed: { readonly n: number; readonly turn: number }[] = [];
  let turn = 0;
  for (let n = 0; n < 10; n += 1) void turns.next().then(() => passed.push({ n, turn }));
  await Promise.resolve();
  for (turn = 1; passed.length < 10; turn += 1) await nextTurn();
  expect(passed.map(({ n }) => n)).toEqual(Array.from({ length: 10 }, (_, n) => n));
  const ofTurns = Object.values(Object.groupBy(passed, (it) => it.turn)).map((all) => all?.length);
  expect(Math.max(...ofTurns.map(Number))).toBeLessThanOrEqual(perTurn);
  expect(ofTurns).toHaveLength(Math.ceil(10 / perTurn));
});

test('who comes alone does not wait', async () => {
  const turns = new Turns(1);
  for (let n = 0; n < 3; n += 1) {
    let turned = false;
    const immediate = setImmediate(() => (turned = true));
    await turns.next();
    expect(turned).toBe(false);
    clearImmediate(immediate);
    await nextTurn();
  }
});
