import type { TimelineEntry } from '../operation-types.js';

/** An entry of the timeline, or candidates of one device that came in one run. */
export interface EntryGroup {
  readonly kind: TimelineEntry['kind'];
  readonly entries: readonly TimelineEntry[];
  readonly first: TimelineEntry;
  readonly last: TimelineEntry;
  /** Of all payloads; null where there is none. */
  readonly bytes: number | null;
}

/** The entries in order, but the candidates of each device in a run of candidates as one group, where its first one stands. */
export function groupEntries(timeline: readonly TimelineEntry[]): EntryGroup[] {
  const groups: TimelineEntry[][] = [];
  let run = new Map<string, TimelineEntry[]>();
  for (const entry of timeline) {
    if (entry.kind !== 'ICE_CANDIDATE') run = new Map();
    const sender = entry.deviceId ?? '';
    const group = entry.kind === 'ICE_CANDIDATE' ? run.get(sender) : undefined;
    if (group !== undefined) {
      group.push(entry);
      continue;
    }
    const begun = [entry];
    groups.push(begun);
    if (entry.kind === 'ICE_CANDIDATE') run.set(sender, begun);
  }
  return groups.map((entries) => {
    const [first] = entries as [TimelineEntry];
    const sizes = entries.flatMap(({ bytes }) => bytes ?? []);
    return {
      kind: first.kind,
      entries,
      first,
      last: entries.at(-1) ?? first,
      bytes: sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0),
    };
  });
}
