import { expect, test } from 'vitest';
import { figures, secondsSince } from '../support/figures.js';
import { chooseSeed, checkAgainstModel } from '../support/model-check.js';
import { startServerForTest } from '../support/server.js';

/** What chance has to have come by, or the stories are no test. */
const everywhere = [
  'create OUTGOING CREATED',
  'create INCOMING ACTIVE',
  'create OUTGOING ENDED BUSY',
  'create ALREADY_IN_CALL',
  'create BAD_INPUT',
  'accept INCOMING ACTIVE',
  'accept CALL_STATE_CONFLICT',
  'end OUTGOING ENDED CANCELLED',
  'end INCOMING ENDED DECLINED',
  'end INCOMING ENDED HUNG_UP',
  'end CALL_STATE_CONFLICT',
  'end OUTGOING ENDED NO_ANSWER',
  'send done',
  'send a second time',
  'send BAD_INPUT',
  'send CALL_STATE_CONFLICT',
  'send NOT_FOUND',
];

test('in 2,000 stories of chance the server does what the contract allows, and nothing else', { timeout: 1_200_000 }, async () => {
  const seed = chooseSeed();
  console.log(`  model: SEED=${seed}`);
  const startedAt = performance.now();
  const { fault, played, tally } = await checkAgainstModel(await startServerForTest(), { seed, lanes: 12, stories: 2_000, shrink: true });
  const inOrder = Object.fromEntries(Object.entries(tally).toSorted(([one], [other]) => one.localeCompare(other)));
  figures('model: stories of chance', { stories: played, took: secondsSince(startedAt), ...inOrder });
  expect(fault ?? '', `SEED=${seed}`).toBe('');
  expect(everywhere.filter((what) => tally[what] === undefined)).toEqual([]);
});
