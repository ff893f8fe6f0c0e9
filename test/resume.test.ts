import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideStart, type InboxState } from '../src/inbox/resume.js';

// An inbox of ten events, written at 10, 20 … 100; its live call began behind the fourth.
const now = 1_000;
const head = { seq: 10, at: 100 };
const whole: InboxState = { head, now, replaySeq: null, behindCursorAt: null, behindReplayAt: null, earliest: null };
const inCall: InboxState = { ...whole, replaySeq: 4, behindReplayAt: 40 };
const callPartlyKept: InboxState = { ...whole, replaySeq: 4, earliest: { seq: 6, at: 60 } };
const callNotKept: InboxState = { ...whole, replaySeq: 4 };

const at = (seq: number, us = seq * 10) => ({ seq, at: us });

test.for<
  [what: string, state: InboxState, after: { seq: number; at: number } | null, start: { seq: number; at: number }, recovered: boolean]
>([
  ['the head: nothing was missed', whole, at(10), at(10), true],
  ['the head, and nothing is kept any more', callNotKept, at(10), at(10), true],
  ['a position whose next event is kept', { ...whole, behindCursorAt: 70 }, at(7), at(7), true],
  ['the position before the first event', { ...whole, behindCursorAt: 5 }, at(0, 5), at(0, 5), true],
  ['a position whose next event is gone', whole, at(7), at(10), false],
  ['a position that had another time: another user or database', { ...whole, behindCursorAt: 71 }, at(7), at(10), false],
  ['the head at another time', whole, at(10, 101), at(10), false],
  ['the future', whole, at(11), at(10), false],
  ['the future of another database, whose next event happens to be there', { ...whole, behindCursorAt: 110 }, at(11), at(10), false],
  ['no cursor, no call', whole, null, at(10), true],
  ['no cursor, a live call', inCall, null, at(4), true],
  ['no cursor, a live call whose beginning is gone', callPartlyKept, null, at(6), false],
  ['no cursor, a live call of which nothing is kept', callNotKept, null, at(10), false],
  ['no cursor, a call that has no event yet', { ...whole, replaySeq: 10 }, null, at(10), true],
  ['too old, with a live call: as without a cursor, but said', inCall, at(2), at(4), false],
  ['too old, with a live call whose beginning is gone', callPartlyKept, at(2), at(6), false],
  ['of the future, with a live call', inCall, at(12), at(4), false],
])('%s', ([, state, after, position, recovered]) => {
  expect(decideStart(state, after)).toEqual({ position, now, recovered });
});

test('a start never lies behind the head, and says recovered only where it is where the client was', () => {
  const cursor = fc.record({ seq: fc.nat(20), at: fc.nat(200) });
  const time = fc.option(fc.nat(200), { nil: null });
  const states = fc.record({
    head: cursor,
    now: fc.constant(now),
    replaySeq: fc.option(fc.nat(20), { nil: null }),
    behindCursorAt: time,
    behindReplayAt: time,
    earliest: fc.constant(null),
  });
  fc.assert(
    fc.property(states, fc.option(cursor, { nil: null }), (state, after) => {
      const start = decideStart(state, after);
      expect(start.position.seq).toBeLessThanOrEqual(state.head.seq);
      if (start.recovered && after !== null) expect(start.position).toEqual(after);
    }),
  );
});
