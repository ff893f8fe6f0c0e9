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

const isMissed = "(c.end_reason IS NOT NULL AND c.end_reason IN ('NO_ANSWER', 'CANCELLED', 'BUSY'))";

/** One direction, read along its own index; the two are merged, so that a page costs the same in a long history. */
const direction = (own: string, other: string, missed: string, name: CallDirection): string => `(
  SELECT c.* FROM call c
  WHERE c.${own} = $1${name === 'INCOMING' ? ' AND NOT c.hidden' : ''} AND ($2::timestamptz IS NULL OR (c.created_at, c.id) < ($2, $3::uuid))
    AND ($5::text IS NULL OR $5 = '${name}') AND ($6::end_reason IS NULL OR c.end_reason = $6)
    AND ($7::boolean IS NULL OR ${missed} = $7) AND ($8::uuid IS NULL OR c.${other} = $8)
  ORDER BY c.created_at DESC, c.id DESC LIMIT $4)`;

const historyStatement = {
  name: 'call-history',
  text: `SELECT * FROM (
    ${direction('caller_id', 'callee_id', 'false', 'OUTGOING')} UNION ALL ${direction('callee_id', 'caller_id', isMissed, 'INCOMING')}
  ) page ORDER BY created_at DESC, id DESC LIMIT $4`,
};

const timelineStatement = {
  name: 'call-timeline',
  text: 'SELECT at, kind, user_id, device_id, bytes, detail FROM call_timeline WHERE call_id = $1 ORDER BY at, side, n LIMIT 1000',
};

/** What is over: read only. */
export class CallHistoryRepository {
  readonly #database: Pick<Database, 'query'>;

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  /** Newest first, behind `after`. */
  async page(userId: string, after: HistoryCursor | null, rows: number, filter: HistoryFilter): Promise<CallRow[]> {
    const found = await this.#database.query<Record<string, unknown>>(historyStatement, [
      userId,
      after?.createdAt.toISOString() ?? null,
      after?.id ?? null,
      rows,
      filter.direction,
      filter.endReason,
      filter.missed,
      filter.with,
    ]);
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
