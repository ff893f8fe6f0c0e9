import type { Database, Statement } from '../db/database.js';
import { AppError } from '../errors.js';
import { GatheredRead } from '../db/gathered-read.js';
import type { Cursor } from './cursor.js';
import type { InboxEvent } from './inbox.js';
import type { InboxState } from './resume.js';

export const pageRows = 200;
export const pageBytes = 262_144;
/** Many who are far behind at once share this: their pages arrive, and are written to their sockets, in one turn. */
const statementBytes = 4_194_304;
const leastPageBytes = 16_384;

/** One reader that is behind: it wants what follows `seq`. */
export interface CatchUpRequest {
  readonly userId: string;
  readonly seq: number;
  readonly rows: number;
}

export interface CatchUp {
  readonly events: readonly InboxEvent[];
  /** The head in the same snapshot. */
  readonly head: Cursor;
}

/** One reader that starts: what follows `after` may be kept, or not. */
interface StateRequest {
  readonly userId: string;
  readonly after: Cursor | null;
}

/**
 * All who start in one moment.
 *
 * The arrays stand in subqueries, here and below, so that Postgres cannot see how long they are. Where it does it makes a plan of its
 * own for each short one, which takes 500 µs for a page that is read in 200 (docs/decisions/0020).
 */
const stateStatement: Statement = {
  name: 'inbox-state',
  text: `SELECT s.n, h.seq, h.at, h.replay_seq, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now,
    c.prev_at AS behind_cursor_at, r.prev_at AS behind_replay_at, e.seq AS earliest_seq, e.prev_at AS earliest_at
  FROM unnest((SELECT $1::uuid[]), (SELECT $2::bigint[])) WITH ORDINALITY AS s (user_id, seq, n)
  JOIN inbox_head h ON h.user_id = s.user_id
  LEFT JOIN LATERAL (SELECT i.prev_at FROM inbox i WHERE i.user_id = h.user_id AND i.seq = s.seq + 1) c ON true
  LEFT JOIN LATERAL (SELECT i.prev_at FROM inbox i WHERE i.user_id = h.user_id AND i.seq = h.replay_seq + 1) r ON true
  LEFT JOIN LATERAL (
    SELECT i.seq, i.prev_at FROM inbox i WHERE i.user_id = h.user_id AND h.replay_seq IS NOT NULL AND r.prev_at IS NULL ORDER BY i.seq LIMIT 1
  ) e ON true`,
};

/** Pages of many readers in one statement. The byte bound keeps the first row whatever its size, or a reader would not move. */
const catchUpStatement: Statement = {
  name: 'inbox-catch-up',
  text: `SELECT s.n, h.seq AS head_seq, h.at AS head_at, i.seq, i.at, i.id, i.device_id, i.call_id, i.kind, i.from_user_id, i.from_device_id, i.body
  FROM unnest((SELECT $1::uuid[]), (SELECT $2::bigint[]), (SELECT $3::int[])) WITH ORDINALITY AS s (user_id, seq, rows, n)
  JOIN inbox_head h ON h.user_id = s.user_id
  LEFT JOIN LATERAL (
    SELECT * FROM (
      SELECT p.*, sum(coalesce(octet_length(p.body), 0) + 256) OVER (ORDER BY p.seq) AS bytes, row_number() OVER (ORDER BY p.seq) AS row
      FROM inbox p WHERE p.user_id = s.user_id AND p.seq > s.seq AND p.seq <= s.seq + s.rows
    ) bounded WHERE bounded.bytes <= $4::int OR bounded.row = 1
  ) i ON true
  ORDER BY s.n, i.seq`,
};

const headsStatement: Statement = { name: 'inbox-heads', text: 'SELECT user_id, seq FROM inbox_head WHERE user_id = ANY($1::uuid[])' };

interface StateRow {
  n: string;
  seq: string;
  at: string;
  replay_seq: string | null;
  now: string;
  behind_cursor_at: string | null;
  behind_replay_at: string | null;
  earliest_seq: string | null;
  earliest_at: string | null;
}

interface CatchUpRow {
  n: string;
  head_seq: string;
  head_at: string;
  seq: string | null;
  at: string;
  id: string;
  device_id: string | null;
  call_id: string;
  kind: string;
  from_user_id: string | null;
  from_device_id: string | null;
  body: string | null;
}

export class InboxRepository {
  readonly #database: Pick<Database, 'query'>;
  readonly #states = new GatheredRead((requests: readonly StateRequest[]) => this.#readStates(requests));

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  /** All that a start depends on, in one snapshot, which is of after it was asked for. */
  async state(userId: string, after: Cursor | null): Promise<InboxState> {
    const state = await this.#states.read({ userId, after });
    // The head goes with the account, which another node may have deleted a moment ago.
    if (state === null) throw new AppError('UNAUTHENTICATED', 'This account does not exist any more.');
    return state;
  }

  /** One page for each request, in their order; the more there are the smaller each is. */
  async catchUp(requests: readonly CatchUpRequest[]): Promise<CatchUp[]> {
    const rows = await this.#database.query<CatchUpRow>(catchUpStatement, [
      requests.map(({ userId }) => userId),
      requests.map(({ seq }) => seq),
      requests.map(({ rows: wanted }) => wanted),
      Math.max(leastPageBytes, Math.min(pageBytes, Math.floor(statementBytes / requests.length))),
    ]);
    const pages = requests.map(() => ({ events: [] as InboxEvent[], head: { seq: 0, at: 0 } }));
    for (const row of rows) {
      const position = Number(row.n) - 1;
      const page = pages[position];
      const request = requests[position];
      if (page === undefined || request === undefined) continue;
      page.head = { seq: Number(row.head_seq), at: Number(row.head_at) };
      if (row.seq !== null) page.events.push(toEvent(request.userId, Number(row.seq), row));
    }
    return pages;
  }

  async #readStates(requests: readonly StateRequest[]): Promise<(InboxState | null)[]> {
    const rows = await this.#database.query<StateRow>(stateStatement, [
      requests.map(({ userId }) => userId),
      requests.map(({ after }) => after?.seq ?? null),
    ]);
    const states = requests.map((): InboxState | null => null);
    for (const row of rows) states[Number(row.n) - 1] = toState(row);
    return states;
  }

  /** The heads of those users, in no order. */
  async heads(userIds: readonly string[]): Promise<{ userId: string; seq: number }[]> {
    const rows = await this.#database.query<{ user_id: string; seq: string }>(headsStatement, [userIds]);
    return rows.map((row) => ({ userId: row.user_id, seq: Number(row.seq) }));
  }
}

function toState(row: StateRow): InboxState {
  return {
    head: { seq: Number(row.seq), at: Number(row.at) },
    now: Number(row.now),
    replaySeq: numberOrNull(row.replay_seq),
    behindCursorAt: numberOrNull(row.behind_cursor_at),
    behindReplayAt: numberOrNull(row.behind_replay_at),
    earliest: row.earliest_seq === null ? null : { seq: Number(row.earliest_seq) - 1, at: Number(row.earliest_at) },
  };
}

function toEvent(userId: string, seq: number, row: CatchUpRow): InboxEvent {
  return {
    userId,
    seq,
    at: Number(row.at),
    id: row.id,
    deviceId: row.device_id,
    callId: row.call_id,
    kind: row.kind,
    fromUserId: row.from_user_id,
    fromDeviceId: row.from_device_id,
    body: row.body,
  };
}

function numberOrNull(text: string | null): number | null {
  return text === null ? null : Number(text);
}
