import type { TimelineQuery } from '../client/gql/graphql.js';
import type { Progress, Step } from './progress.js';

type Timeline = NonNullable<TimelineQuery['call']>['timeline'];

/** What happened to the call as the server saw it, from its first entry on. */
export function describeTimeline(timeline: Timeline): string {
  const start = Date.parse(timeline[0]?.at ?? '');
  const lines = timeline.map(({ at, kind, user, bytes, detail }) => {
    const what = [bytes == null ? null : `${bytes} bytes`, detail].filter((part) => part != null).join(', ');
    return `${(Date.parse(at) - start).toFixed(0).padStart(7)} ms  ${(user?.username ?? 'the server').padEnd(16)} ${kind.padEnd(14)} ${what}`.trimEnd();
  });
  return ['The call, as the server tells it', ...lines].join('\n');
}

const intervals: readonly (readonly [string, readonly [string, Step], readonly [string, Step]])[] = [
  ['createCall to offer received', ['ana', 'createCall'], ['ben', 'offer received']],
  ['offer received to answer received', ['ben', 'offer received'], ['ana', 'answer received']],
  ['answer received to ICE connected', ['ana', 'answer received'], ['ana', 'ICE connected']],
  ['ICE connected to data channel open', ['ana', 'ICE connected'], ['ana', 'data channel open']],
  ['createCall to data channel open', ['ana', 'createCall'], ['ana', 'data channel open']],
  ['hang up to the other side told', ['ana', 'hang up'], ['ben', 'ended']],
];

/** What each step took; registering and connecting are measured from outside, for both peers. */
export function describeSteps(progress: Progress, { registerMs, connectMs }: { registerMs: number; connectMs: number }): string {
  const rows: [string, number][] = [
    ['both registered', registerMs],
    ['both connected', connectMs],
    ...intervals.map(([name, from, to]): [string, number] => [name, progress.between(from, to)]),
  ];
  return ['What each step took', ...rows.map(([name, ms]) => `  ${name.padEnd(36)} ${ms.toFixed(1).padStart(8)} ms`)].join('\n');
}
