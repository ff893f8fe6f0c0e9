import type { Database, Statement } from '../db/database.js';
import { giveUpAfterHours } from './retry-delay.js';
import type { WebhookEvent } from './webhook-event.js';

/** A bound for what is only looked at: past it the figure stands for more. */
const mostCounted = 100_000;
const mostExpiredAtOnce = 100;

/**
 * Of each call the first event alone can be claimed. The newest that are due come first: when a receiver comes back, the
 * call that rings now goes before what piled up. A claim is a lease: `next_try_at` is moved to its end, nobody holds a
 * lock while the event is on its way, and what a dead node had claimed is due again when it ends. Whoever asks at
 * the same instant passes over what another is claiming. What is too old waits to be given up, also behind a day on which
 * nobody sent.
 */
const claim: Statement = {
  name: 'webhook-claim',
  text: `
    UPDATE webhook_outbox w SET tries = w.tries + 1, next_try_at = now() + make_interval(secs => $2::float8 / 1000)
    FROM (
      SELECT o.seq FROM webhook_outbox o
      WHERE o.next_try_at <= now() AND o.happened_at > now() - interval '${giveUpAfterHours} hours'
        AND o.seq = (SELECT min(e.seq) FROM webhook_outbox e WHERE e.call_id = o.call_id)
      ORDER BY o.next_try_at DESC LIMIT $1 FOR UPDATE OF o SKIP LOCKED
    ) due
    WHERE w.seq = due.seq
    RETURNING w.seq, w.id, w.kind, w.call_id AS "callId", w.caller_id AS "callerId", w.callee_id AS "calleeId", w.media, w.status,
      w.end_reason AS "endReason", (extract(epoch FROM w.ring_expires_at) * 1000)::float8 AS "ringExpiresAtMs",
      (extract(epoch FROM w.happened_at) * 1000)::float8 AS "happenedAtMs", w.tries`,
};

const remove: Statement = { name: 'webhook-remove', text: 'DELETE FROM webhook_outbox WHERE seq = $1' };

/** The events behind it wait as long, so that nobody looks at them in vain. Nothing where another node has claimed it since. */
const postpone: Statement = {
  name: 'webhook-postpone',
  text: `
    UPDATE webhook_outbox SET next_try_at = now() + make_interval(secs => $4::float8 / 1000)
    WHERE call_id = $1 AND EXISTS (SELECT 1 FROM webhook_outbox mine WHERE mine.seq = $2 AND mine.tries = $3)`,
};

/** The oldest are the first in the table: nothing is looked for among the rest. What another node is at is left to it. */
const expire: Statement = {
  name: 'webhook-expire',
  text: `
    DELETE FROM webhook_outbox WHERE seq IN (
      SELECT o.seq FROM (SELECT seq FROM webhook_outbox ORDER BY seq LIMIT ${mostExpiredAtOnce}) oldest JOIN webhook_outbox o ON o.seq = oldest.seq
      WHERE o.happened_at <= now() - interval '${giveUpAfterHours} hours' FOR UPDATE OF o SKIP LOCKED
    ) RETURNING id, kind, call_id AS "callId", tries`,
};

const count: Statement = {
  name: 'webhook-count',
  text: `SELECT count(*)::int AS waiting FROM (SELECT 1 FROM webhook_outbox LIMIT ${mostCounted}) waiting`,
};

export type GivenUp = Pick<WebhookEvent, 'id' | 'kind' | 'callId' | 'tries'>;

/** What has happened to calls and is not told yet. The rows are written by `write_webhook`, in the transaction of the change. */
export class OutboxRepository {
  readonly #database: Pick<Database, 'query'>;

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  /** At most so many that are due, each of another call; nobody else gets them for `leaseMs`. */
  claim(most: number, leaseMs: number): Promise<WebhookEvent[]> {
    return this.#database.query<WebhookEvent>(claim, [most, leaseMs]);
  }

  /** It is told, or given up: the next event of its call is due. */
  async remove({ seq }: WebhookEvent): Promise<void> {
    await this.#database.query(remove, [seq]);
  }

  async postpone({ callId, seq, tries }: WebhookEvent, delayMs: number): Promise<void> {
    await this.#database.query(postpone, [callId, seq, tries, delayMs]);
  }

  /** Removes what has waited too long, and says what that was. */
  expire(): Promise<GivenUp[]> {
    return this.#database.query<GivenUp>(expire, []);
  }

  /** How many wait; 100,000 stands for more. */
  async count(): Promise<number> {
    const [row] = await this.#database.query<{ waiting: number }>(count, []);
    return row?.waiting ?? 0;
  }
}
