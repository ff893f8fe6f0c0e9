import { describe, expect, test } from 'vitest';
import { timelineText } from '../src/web/inspector/entry-text.js';
import type { DiagramCall } from '../src/web/inspector/lanes.js';
import { layOutSequence } from '../src/web/inspector/sequence-diagram.js';
import type { TimelineEntry } from '../src/web/operation-types.js';

const ana = { id: 'ana-id', username: 'ana', displayName: 'ana' };
const ben = { id: 'ben-id', username: 'ben', displayName: 'ben' };
const startMs = Date.parse('2026-01-01T10:00:00.000Z');
const call: DiagramCall = { caller: ana, callee: ben, callerDeviceId: 'laptop', calleeDeviceId: 'phone' };

/** An entry so many milliseconds after the start; of nobody where the server did it. */
function entry(
  afterMs: number,
  kind: TimelineEntry['kind'],
  user: typeof ana | null = null,
  deviceId: string | null = null,
  bytes: number | null = null,
): TimelineEntry {
  return { at: new Date(startMs + afterMs).toISOString(), kind, user, deviceId, bytes, detail: null };
}

const whole = [
  entry(0, 'CREATED', ana, 'laptop'),
  entry(10, 'RINGING', ben),
  entry(20, 'OFFER', ana, 'laptop', 5_000),
  entry(30, 'ICE_CANDIDATE', ana, 'laptop', 100),
  entry(31, 'ICE_CANDIDATE', ana, 'laptop', 150),
  entry(5_000, 'ANSWERED', ben, 'phone'),
  entry(5_010, 'ANSWER', ben, 'phone', 4_000),
  entry(5_011, 'ICE_CANDIDATE', ben, 'phone', 90),
  entry(5_012, 'ICE_CANDIDATE', ana, 'laptop', 0),
  entry(5_013, 'ICE_CANDIDATE', ben, 'phone', 80),
  entry(9_000, 'ENDED', ana, 'laptop'),
];

const laneX = (diagram: ReturnType<typeof layOutSequence>) => Object.fromEntries(diagram.lanes.map(({ id, x }) => [id, x]));

describe('the lanes of a call', () => {
  test('the caller, the server and the callee stand in this order, within the width that there is', () => {
    const { lanes, width } = layOutSequence(call, whole, 640);
    expect(lanes.map(({ id, side }) => [id, side])).toEqual([
      ['laptop', 'caller'],
      ['server', 'server'],
      ['phone', 'callee'],
    ]);
    expect(lanes.map(({ x }) => x)).toEqual(lanes.map(({ x }) => x).toSorted((a, b) => a - b));
    expect(width).toBeLessThanOrEqual(640);
  });

  test('each device that occurs has a lane, those in the call next to the server', () => {
    const { lanes } = layOutSequence(
      call,
      [...whole, entry(9_500, 'SIGNALING_DOWN', ben, 'tablet'), entry(9_600, 'ENDED', ana, 'watch')],
      900,
    );
    expect(lanes.map(({ id }) => id)).toEqual(['watch', 'laptop', 'server', 'phone', 'tablet']);
  });

  test('a callee of whom no device has answered has a lane without one', () => {
    const { lanes } = layOutSequence({ ...call, calleeDeviceId: null }, whole.slice(0, 3), 640);
    expect(lanes.at(-1)).toMatchObject({ id: 'callee', title: 'ben', deviceId: null });
  });

  test('on a phone the lanes stay apart, and the diagram is scrolled instead', () => {
    const { lanes, width } = layOutSequence(call, [...whole, entry(9_500, 'SIGNALING_DOWN', ben, 'tablet')], 330);
    expect(width).toBeGreaterThan(330);
    expect(Math.min(...lanes.slice(1).map(({ x }, n) => x - lanes[n]!.x))).toBeGreaterThanOrEqual(84);
  });
});

describe('the rows of a call', () => {
  test('candidates of a run are one row for each device, with their bytes', () => {
    const { rows } = layOutSequence(call, whole, 640);
    expect(rows.map(({ kind, entries, bytes }) => [kind, entries.length, bytes])).toEqual([
      ['CREATED', 1, null],
      ['RINGING', 1, null],
      ['OFFER', 1, 5_000],
      ['ICE_CANDIDATE', 2, 250],
      ['ANSWERED', 1, null],
      ['ANSWER', 1, 4_000],
      ['ICE_CANDIDATE', 2, 170],
      ['ICE_CANDIDATE', 1, 0],
      ['ENDED', 1, null],
    ]);
  });

  test('times count from the first entry, and a long silence is a gap', () => {
    const { rows } = layOutSequence(call, whole, 640);
    expect(rows.map(({ offsetMs }) => offsetMs)).toEqual([0, 10, 20, 30, 5_000, 5_010, 5_011, 5_012, 9_000]);
    expect(rows.map(({ gapMs }) => gapMs)).toEqual([null, null, null, null, 4_969, null, null, null, 3_988]);
    const steps = rows.slice(1).map(({ y }, n) => y - rows[n]!.y);
    expect(steps[3]).toBeGreaterThan(steps[0]!);
  });

  test('an offer goes from the calling device to the one that answered, an answer back', () => {
    const diagram = layOutSequence(call, whole, 640);
    const x = laneX(diagram);
    expect(diagram.rows[2]!.arrows).toEqual([{ fromX: x['laptop'], toX: x['phone'], isTold: false }]);
    expect(diagram.rows[5]!.arrows).toEqual([{ fromX: x['phone'], toX: x['laptop'], isTold: false }]);
  });

  test('what the server does by itself begins at its lane, and everybody is told', () => {
    const timeline = [...whole.slice(0, 3), entry(60_000, 'ENDED')];
    const diagram = layOutSequence({ ...call, calleeDeviceId: null }, timeline, 640);
    const x = laneX(diagram);
    expect(diagram.rows.at(-1)!.arrows).toEqual([
      { fromX: x['server'], toX: x['laptop'], isTold: true },
      { fromX: x['server'], toX: x['callee'], isTold: true },
    ]);
  });

  test('an empty timeline has lanes and no row', () => {
    expect(layOutSequence(call, [], 640)).toMatchObject({ rows: [], lanes: [{ id: 'laptop' }, { id: 'server' }, { id: 'phone' }] });
  });
});

test('the timeline as text has a line for each entry, with who, when and how much', () => {
  const info = { id: 'call-id', media: 'VIDEO', caller: ana, callee: ben, endReason: 'HUNG_UP', status: 'ENDED', createdAt: whole[0]!.at };
  const lines = timelineText(info as Parameters<typeof timelineText>[0], whole)
    .trimEnd()
    .split('\n');
  expect(lines).toHaveLength(whole.length + 1);
  expect(lines[0]).toBe('Call call-id, VIDEO, ana to ben, HUNG_UP, 2026-01-01T10:00:00.000Z');
  expect(lines[3]).toMatch(/^ +\+20 ms {2}OFFER +ana \(laptop\) +5\.0 kB$/);
});
