import type { TimelineQuery } from '../client/gql/graphql.js';
import type { Progress, Step } from './progress.js';

type Timeline = NonNullable<TimelineQuery['call']>['timeline'];

/** What it is called, and from which step of whom to which. */
export type Interval = readonly [string, readonly [who: string, step: Step], readonly [who: string, step: Step]];

/** What happened to the call as the server saw it, from its first entry on. `devices`: their names by id, where they are to be told apart. */
export function describeTimeline(timeline: Timeline, devices: ReadonlyMap<string, string> = new Map()): string {
  const start = Date.parse(timeline[0]?.at ?? '');
  const lines = timeline.map(({ at, kind, user, deviceId, bytes, detail }) => {
    const what = [bytes == null ? null : `${bytes} bytes`, detail].filter((part) => part != null).join(', ');
    const who = (deviceId == null ? undefined : devices.get(deviceId)) ?? user?.username ?? 'the server';
    return `${(Date.parse(at) - start).toFixed(0).padStart(7)} ms  ${who.padEnd(16)} ${kind.padEnd(14)} ${what}`.trimEnd();
  });
  return ['The call, as the server tells it', ...lines].join('\n');
}

/** What each step took: what was measured from outside, in milliseconds, then what lay between two steps. */
export function describeSteps(progress: Progress, measured: readonly [string, number][], intervals: readonly Interval[]): string {
  const rows = [...measured, ...intervals.map(([name, from, to]): [string, number] => [name, progress.between(from, to)])];
  return ['What each step took', ...rows.map(([name, ms]) => `  ${name.padEnd(36)} ${ms.toFixed(1).padStart(8)} ms`)].join('\n');
}
