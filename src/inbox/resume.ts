import type { Cursor } from './cursor.js';
import type { StreamStart } from './inbox.js';

/** What one statement sees of an inbox when a stream or a page starts. */
export interface InboxState {
  readonly head: Cursor;
  /** µs, the database's clock. */
  readonly now: number;
  /** Where the viewer's live call began; null where there is none. */
  readonly replaySeq: number | null;
  /** `prev_at` of the row behind the given cursor, and of the row behind `replaySeq`; null where it is not kept. */
  readonly behindCursorAt: number | null;
  readonly behindReplayAt: number | null;
  /** The position before the earliest row that is kept; null where none is. */
  readonly earliest: Cursor | null;
}

/**
 * Where to start, and whether that is where the client was. A cursor stands if it is the head, or if the row behind it
 * is kept and remembers the same instant before itself: so nothing behind it is lost, and it is of this inbox.
 */
export function decideStart(state: InboxState, after: Cursor | null): StreamStart {
  const { head, now } = state;
  if (after !== null) {
    const stands = after.seq === head.seq ? after.at === head.at : after.seq < head.seq && state.behindCursorAt === after.at;
    if (stands) return { position: after, now, recovered: true };
  }
  const fresh = startWithoutCursor(state);
  return { position: fresh.position, now, recovered: after === null && fresh.complete };
}

function startWithoutCursor({ head, replaySeq, behindReplayAt, earliest }: InboxState): { position: Cursor; complete: boolean } {
  if (replaySeq === null || replaySeq >= head.seq) return { position: head, complete: true };
  if (behindReplayAt !== null) return { position: { seq: replaySeq, at: behindReplayAt }, complete: true };
  return { position: earliest ?? head, complete: false };
}
