import { expect, test } from 'vitest';
import { giveUpAfterHours, retryDelayMs } from '../src/webhooks/retry-delay.js';

test.for([
  [1, 500, 1_000],
  [2, 1_000, 2_000],
  [3, 2_000, 4_000],
  [6, 16_000, 32_000],
  [11, 512_000, 1_024_000],
  [12, 900_000, 1_800_000],
  [60, 900_000, 1_800_000],
  [2_000, 900_000, 1_800_000],
] as const)('after %i tries it waits from %i to %i ms', ([tries, least, most]) => {
  expect(retryDelayMs(tries, 1)).toBe(least);
  expect(retryDelayMs(tries, 0)).toBe(most);
  expect(retryDelayMs(tries, 0.5)).toBe((least + most) / 2);
});

test('a receiver may ask for a longer wait, up to an hour, and not for a shorter one', () => {
  expect(retryDelayMs(1, 0, 120_000)).toBe(120_000);
  expect(retryDelayMs(1, 0, 86_400_000)).toBe(3_600_000);
  expect(retryDelayMs(12, 0, 1_000)).toBe(1_800_000);
});

test('in a day there are some tens of tries, the first ten of them within twenty minutes', () => {
  const delaysMs = Array.from({ length: 200 }, (_, n) => retryDelayMs(n + 1, 0.5));
  const triesWithin = (ms: number) => {
    let sum = 0;
    return delaysMs.filter((delayMs) => (sum += delayMs) <= ms).length;
  };
  expect(triesWithin(giveUpAfterHours * 3_600_000)).toBeGreaterThan(50);
  expect(triesWithin(giveUpAfterHours * 3_600_000)).toBeLessThan(100);
  expect(triesWithin(20 * 60_000)).toBeGreaterThanOrEqual(10);
});
