import type { TimelineEntry } from '../operation-types.js';
import { groupEntries, type EntryGroup } from './entry-groups.js';
import { placeLanes, type DiagramCall, type Lane } from './lanes.js';

/** A line from one lane to another one; `isTold` where the server passes on what happened, unasked. */
export interface Arrow {
  readonly fromX: number;
  readonly toX: number;
  readonly isTold: boolean;
}

/** One or more entries of the timeline, at a height of their own. */
export interface Row extends EntryGroup {
  readonly y: number;
  /** Milliseconds since the first entry of the call. */
  readonly offsetMs: number;
  /** Since the row above, where that is worth a gap. */
  readonly gapMs: number | null;
  readonly arrows: readonly Arrow[];
  /** Where the text is centred. */
  readonly labelX: number;
}

export interface Diagram {
  readonly lanes: readonly Lane[];
  readonly rows: readonly Row[];
  readonly width: number;
  readonly height: number;
}

const headHeight = 56;
const rowHeight = 38;
const gapHeight = 22;
const gapFromMs = 2_000;

/** Draws nothing: says where each lane, row and arrow of a call's timeline lies, in pixels, for a place that is so wide. */
export function layOutSequence(call: DiagramCall, timeline: readonly TimelineEntry[], availableWidth: number): Diagram {
  const { lanes, width } = placeLanes(call, timeline, availableWidth);
  const startMs = Date.parse(timeline[0]?.at ?? '');
  const rows: Row[] = [];
  let y = headHeight;
  let beforeMs = startMs;
  for (const group of groupEntries(timeline)) {
    const atMs = Date.parse(group.first.at);
    const gapMs = atMs - beforeMs >= gapFromMs ? atMs - beforeMs : null;
    if (gapMs !== null) y += gapHeight;
    y += rowHeight;
    const arrows = arrowsOf(group, call, lanes);
    rows.push({ ...group, y, offsetMs: atMs - startMs, gapMs, arrows, labelX: middleOf(arrows, lanes) });
    beforeMs = Date.parse(group.last.at);
  }
  return { lanes, rows, width, height: y + rowHeight };
}

function arrowsOf({ kind, first }: EntryGroup, call: DiagramCall, lanes: readonly Lane[]): Arrow[] {
  const server = lanes.find(({ side }) => side === 'server') as Lane;
  const actor = laneOf(first, call, lanes);
  const others = lanes.filter((lane) => lane !== server && lane !== actor);
  const told = (to: readonly Lane[]): Arrow[] => to.map(({ x }) => ({ fromX: server.x, toX: x, isTold: true }));
  switch (kind) {
    case 'CREATED':
    case 'SIGNALING_DOWN':
    case 'SIGNALING_UP':
      return [{ fromX: (actor ?? server).x, toX: server.x, isTold: false }];
    case 'RINGING': {
      const callees = actor === undefined ? others.filter(({ side }) => side === 'callee') : [actor];
      const rung = callees.map(({ x }) => ({ fromX: server.x, toX: x, isTold: false }));
      return [...rung, ...told(others.filter(({ id }) => id === call.callerDeviceId))];
    }
    case 'ANSWERED':
    case 'ENDED':
      return [...(actor === undefined ? [] : [{ fromX: actor.x, toX: server.x, isTold: false }]), ...told(others)];
    case 'OFFER':
    case 'ANSWER':
    case 'ICE_CANDIDATE':
    case 'CUSTOM':
      return recipientsOf(actor, call, lanes).map(({ x }) => ({ fromX: (actor ?? server).x, toX: x, isTold: false }));
  }
}

function laneOf({ deviceId, user }: TimelineEntry, call: DiagramCall, lanes: readonly Lane[]): Lane | undefined {
  const own = lanes.find(({ id }) => id === deviceId);
  if (own !== undefined || user === null) return own;
  return lanes.find(({ side }) => side === (user.id === call.caller.id ? 'caller' : 'callee'));
}

/** A signal of the caller goes to the device that answered, else to all that ring; one of the callee to the device that calls. */
function recipientsOf(actor: Lane | undefined, call: DiagramCall, lanes: readonly Lane[]): readonly Lane[] {
  if (actor?.side === 'callee') return lanes.filter(({ id }) => id === call.callerDeviceId);
  const answered = lanes.filter(({ id }) => id === call.calleeDeviceId);
  return answered.length > 0 ? answered : lanes.filter(({ side }) => side === 'callee');
}

/** Above the longest of the arrows that mean something by themselves. */
function middleOf(arrows: readonly Arrow[], lanes: readonly Lane[]): number {
  const own = arrows.filter(({ isTold }) => !isTold);
  const xs = (own.length > 0 ? own : arrows).flatMap(({ fromX, toX }) => [fromX, toX]);
  if (xs.length === 0) return lanes.find(({ side }) => side === 'server')?.x ?? 0;
  return (Math.min(...xs) + Math.max(...xs)) / 2;
}
