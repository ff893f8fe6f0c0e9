import type { CallInfo } from '../../client/index.js';
import type { TimelineEntry } from '../operation-types.js';
import { bytes, offset } from '../times.js';
import type { EntryGroup } from './entry-groups.js';

const names = {
  CREATED: 'created',
  RINGING: 'ringing',
  ANSWERED: 'answered',
  ENDED: 'ended',
  OFFER: 'offer',
  ANSWER: 'answer',
  ICE_CANDIDATE: 'candidates',
  CUSTOM: 'custom',
  SIGNALING_DOWN: 'socket lost',
  SIGNALING_UP: 'socket back',
} as const satisfies Record<TimelineEntry['kind'], string>;

/** What stands on the arrow. */
export function labelOf({ kind, entries, bytes: size }: EntryGroup, call: Pick<CallInfo, 'endReason'>): string {
  if (kind === 'ICE_CANDIDATE' && size === 0) return 'end of candidates';
  if (kind === 'ICE_CANDIDATE') return entries.length === 1 ? 'candidate' : `${entries.length} candidates`;
  if (kind === 'ENDED' && call.endReason !== null) return `ended: ${call.endReason.toLowerCase().replaceAll('_', ' ')}`;
  return names[kind];
}

/** The timeline as lines of text, for a report. */
export function timelineText(call: CallInfo, timeline: readonly TimelineEntry[]): string {
  const start = Date.parse(timeline[0]?.at ?? call.createdAt);
  const lines = timeline.map(({ at, kind, user, deviceId, bytes: size, detail }) => {
    const who = user === null ? 'server' : `${user.username}${deviceId === null ? '' : ` (${shortId(deviceId)})`}`;
    const what = [size === null ? null : bytes(size), detail].filter((part) => part !== null).join(', ');
    return `${offset(Date.parse(at) - start).padStart(10)}  ${kind.padEnd(14)}  ${who.padEnd(28)}  ${what}`.trimEnd();
  });
  const head = `Call ${call.id}, ${call.media}, ${call.caller.displayName} to ${call.callee.displayName}, ${call.endReason ?? call.status}, ${call.createdAt}`;
  return [head, ...lines, ''].join('\n');
}

/** Enough of an id to tell it from the others of a call. */
export function shortId(id: string): string {
  return id.slice(-6);
}
