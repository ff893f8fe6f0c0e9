import type { Database } from '../db/database.js';
import { toCall, toInstant } from './call.repository.js';
import type { CallRow } from './call.entity.js';
import type { EndReason } from './call-status.js';

export type CallDirection = 'INCOMING' | 'OUTGOING';

export interface HistoryFilter {
  readonly direction: CallDirection | null;
  readonly endReason: EndReason | null;
  readonly missed: boolean | null;
  /** The other party. */
  readonly with: string | null;
}

/** A place in a history: the last call that was shown. */
export interface HistoryCursor {
  readonly createdAt: Date;
  readonly id: string;
}

export interface TimelineRow {
  readonly at: Date;
  readonly kind: string;
  readonly userId: string | null;
  readonly deviceId: string | null;
  readonly bytes: number | null;
  readonly detail: string | null;
}

/** In the words of the index call_missed, which is used for them only so. */
const missed = "c.end_reason IN ('NO_ANSWER', 'CANCELLED', 'BUSY')";

/**
 * One page. Each direction is read along an index of its own and the two are merged, so that a page costs the same in a
 * long history; `npm run bench -- history` explains it. It is a statement of its own for each shape of filter: were there
 * one for all, with conditions of the kind `$3 IS NULL OR …`, the plan that Postgres keeps for it would read from the
 * newest call on, wherever the page begins.
 */
export function historyQuery(userId: string, after: HistoryCursor | null, rows: number, filter: HistoryFilter) {
  const values: (string | number)[] = [userId, rows];
  const bind = (value: string): string => `$${values.push(value)}`;
  const behind = after !== null && `(c.created_at, c.id) < (${bind(after.createdAt.toISOString())}, ${bind(after.id)})`;
  const counterpart = filter.with !== null && bind(filter.with);
  const reason = filter.endReason !== null && `c.end_reason = ${bind(filter.endReason)}`;

  const read = (own: string, other: string, only: (string | false)[]): string => {
    const conditions = [`c.${own} = $1`, counterpart && `c.${other} = ${counterpart}`, behind, reason, ...only];
    return `(SELECT c.* FROM call c WHERE ${conditions.filter((it) => it !== false).join(' AND ')} ORDER BY c.created_at DESC, c.id DESC LIMIT $2)`;
  };
  const directions = {
    OUTGOING: read('caller_id', 'callee_id', [filter.missed === true && 'false']),
    INCOMING: read('callee_id', 'caller_id', [
      'NOT c.hidden',
      filter.missed === true && missed,
      filter.missed === false && `(${missed}) IS NOT TRUE`,
    ]),
  };
  const union = filter.direction === null ? `${directions.OUTGOING} UNION ALL ${directions.INCOMING}` : directions[filter.direction];
  const shape = [
    filter.direction ?? 'BOTH',
    after !== null && 'after',
    counterpart && 'with',
    reason && 'reason',
    filter.missed !== null && `missed:${filter.missed}`,
  ];
  return {
    statement: {
      name: `call-history ${shape.filter(Boolean).join(' ')}`,
      text: `SELECT * FROM (${union}) page ORDER BY created_at DESC, id DESC LIMIT $2`,
    },
    values,
  };
}

/** The life of the call and what was noted singly, and the signals, which were noted by the commit: `n` is that of the last. */
const timelineStatement = {
  name: 'call-timeline',
  text: `SELECT at, kind, user_id, device_id, bytes, detail FROM (
    SELECT at, side, n, kind, user_id, device_id, bytes, detail FROM call_timeline WHERE call_id = $1
    UNION ALL
    SELECT s.at, s.side, s.n - cardinality(s.kinds) + e.n, e.kind, s.user_id, s.device_id, e.bytes, NULL
    FROM call_timeline_signals s CROSS JOIN unnest(s.kinds, s.bytes) WITH ORDINALITY AS e (kind, bytes, n) WHERE s.call_id = $1
  ) entries ORDER BY at, side, n LIMIT 1000`,
};

/** What is over: read only. */
export class CallHistoryRepository {
  readonly #database: Pick<Database, 'query'>;

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  /** Newest first, behind `after`. */
  async page(userId: string, after: HistoryCursor | null, rows: number, filter: HistoryFilter): Promise<CallRow[]> {
    const { statement, values } = historyQuery(userId, after, rows, filter);
    const found = await this.#database.query<Record<string, unknown>>(statement, values);
    return found.map(toCall);
  }

  async timeline(callId: string): Promise<TimelineRow[]> {
    const rows = await this.#database.query<Record<string, unknown>>(timelineStatement, [callId]);
    return rows.map((row) => ({
      at: toInstant(row['at']) as Date,
      kind: row['kind'] as string,
      userId: row['user_id'] as string | null,
      deviceId: row['device_id'] as string | null,
      bytes: row['bytes'] as number | null,
      detail: row['detail'] as string | null,
    }));
  }
}
