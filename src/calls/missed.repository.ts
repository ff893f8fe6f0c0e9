import type { Database, Statement } from '../db/database.js';

/** More than anybody wants to read as a number; the count costs no more than this many rows of the index. */
const mostCounted = 1_000;

const count: Statement = {
  name: 'missed-count',
  text: `
    SELECT count(*)::int AS missed FROM (
      SELECT 1 FROM call c LEFT JOIN seen_marker m ON m.user_id = $1
      WHERE c.callee_id = $1 AND c.end_reason IN ('NO_ANSWER', 'CANCELLED', 'BUSY') AND NOT c.hidden
        AND (m.user_id IS NULL OR (c.created_at, c.id) > (m.created_at, m.call_id))
      LIMIT ${mostCounted}
    ) newer`,
};

/** Under the head, which goes with the account. */
const move: Statement = {
  name: 'missed-mark',
  text: `
    INSERT INTO seen_marker AS m (user_id, created_at, call_id)
    SELECT h.user_id, $2::timestamptz, $3::uuid FROM inbox_head h WHERE h.user_id = $1 FOR KEY SHARE
    ON CONFLICT (user_id) DO UPDATE SET created_at = EXCLUDED.created_at, call_id = EXCLUDED.call_id
    WHERE (m.created_at, m.call_id) < (EXCLUDED.created_at, EXCLUDED.call_id)`,
};

/** Missed calls, and how far a user has seen them: one marker for all devices, which only moves forward. */
export class MissedRepository {
  readonly #database: Pick<Database, 'query'>;

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  async count(userId: string): Promise<number> {
    const [row] = await this.#database.query<{ missed: number }>(count, [userId]);
    return row?.missed ?? 0;
  }

  async markSeen(userId: string, upTo: { createdAt: Date; id: string }): Promise<void> {
    await this.#database.query(move, [userId, upTo.createdAt.toISOString(), upTo.id]);
  }
}
