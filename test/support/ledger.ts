/** What happened in a run, as its clients saw it, in the order in which each of them saw it. */
export type Entry =
  | {
      readonly what: 'acknowledged';
      readonly callId: string;
      readonly from: string;
      readonly to: string;
      readonly payload: string;
    }
  | {
      readonly what: 'received';
      readonly by: string;
      readonly callId: string;
      readonly from: string;
      readonly payload: string;
      readonly cursor: string;
    }
  | { readonly what: 'changed'; readonly by: string; readonly callId: string; readonly change: string; readonly cursor: string };

type Acknowledged = Extract<Entry, { what: 'acknowledged' }>;

export interface Verdict {
  readonly acknowledged: number;
  readonly received: number;
  /** Acknowledged, and never received by whom it was for. */
  readonly lost: number;
  /** Received again by the same device. */
  readonly twice: number;
  /** Received after what was sent later, or at a position at or before an earlier event's. */
  readonly outOfOrder: number;
  /** Received by a device that it was not for, or never sent like this. */
  readonly toStrangers: number;
  /** Acknowledged, and not in the database. */
  readonly unstored: number;
}

export const spotless = { lost: 0, twice: 0, outOfOrder: 0, toStrangers: 0, unstored: 0 } as const;

/**
 * Holds what was received against what was acknowledged. `stored` are the payloads of all signals in the database after
 * the run. They have to be unique. Devices are named as the caller likes, one name each.
 */
export function judge(entries: readonly Entry[], stored: ReadonlySet<string>): Verdict {
  const sent = new Map<string, Acknowledged & { readonly place: number }>();
  for (const [place, entry] of entries.entries()) if (entry.what === 'acknowledged') sent.set(entry.payload, { ...entry, place });

  const seen = new Map<string, Set<string>>();
  const places = new Map<string, number>();
  const cursors = new Map<string, string>();
  const counts = { received: 0, twice: 0, outOfOrder: 0, toStrangers: 0 };
  for (const entry of entries) {
    if (entry.what === 'acknowledged') continue;
    const { by, callId, cursor } = entry;
    // Positions of one inbox only grow, whatever the event.
    let late = cursor <= (cursors.get(by) ?? '');
    cursors.set(by, cursor);
    if (entry.what === 'received') {
      counts.received += 1;
      const signal = sent.get(entry.payload);
      if (signal === undefined || signal.to !== by || signal.from !== entry.from || signal.callId !== callId) {
        counts.toStrangers += 1;
        continue;
      }
      const mine = seen.get(by) ?? new Set<string>();
      if (mine.has(entry.payload)) {
        counts.twice += 1;
        continue;
      }
      seen.set(by, mine.add(entry.payload));
      const direction = `${callId} ${by}`;
      late ||= signal.place < (places.get(direction) ?? -1);
      places.set(direction, Math.max(signal.place, places.get(direction) ?? -1));
    }
    if (late) counts.outOfOrder += 1;
  }

  const all = [...sent.values()];
  return {
    acknowledged: all.length,
    ...counts,
    lost: all.filter(({ to, payload }) => seen.get(to)?.has(payload) !== true).length,
    unstored: all.filter(({ payload }) => !stored.has(payload)).length,
  };
}

/** Calls that a device was not told of as a whole: CREATED, ANSWERED and ENDED, once each and in this order. */
export function brokenStories(entries: readonly Entry[], parties: ReadonlyMap<string, readonly string[]>): string[] {
  const told = new Map<string, string[]>();
  for (const entry of entries) {
    if (entry.what !== 'changed') continue;
    const story = `${entry.callId} ${entry.by}`;
    told.set(story, [...(told.get(story) ?? []), entry.change]);
  }
  const expected = new Set([...parties].flatMap(([callId, devices]) => devices.map((device) => `${callId} ${device}`)));
  const unexpected = [...told.keys()].filter((story) => !expected.has(story));
  // RINGING is left out where the answer came before the first device was known to have the call.
  const whole = /^CREATED,(RINGING,)?ANSWERED,ENDED$/;
  return [...unexpected, ...[...expected].filter((story) => !whole.test((told.get(story) ?? []).join()))];
}
