import { expect, test } from 'vitest';
import { chooseSeed, checkAgainstModel } from './support/model-check.js';
import { startServerForTest } from './support/server.js';

test('in fifty stories of chance the server does what the contract allows, and nothing else', { timeout: 60_000 }, async () => {
  const seed = chooseSeed();
  const { fault } = await checkAgainstModel(await startServerForTest(), { seed, lanes: 4, stories: 50, shrink: true });
  expect(fault ?? '', `SEED=${seed}`).toBe('');
});
