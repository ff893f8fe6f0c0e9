import type { Database } from '../db/database.js';
import type { Logger } from '../logger.js';

const slots = 6;

/** What is counted of the rounds. */
export interface JanitorObserver {
  janitorRound(how: 'done' | 'failed'): void;
}

/** Microseconds of `at` that share a partition: a third of the retention. */
export function slotLengthUs(retentionMs: number): number {
  return Math.floor((retentionMs * 1_000) / 3);
}

/**
 * Keeps the ring of partitions: empties the two slots ahead of the one that is written now, so that a slot is empty when
 * its turn comes and events are kept for at least the retention. Any node may do it, several may. TRUNCATE waits for
 * readers of that one partition for 20 ms at most and is tried again at the next round.
 */
export class Janitor {
  readonly #database: Pick<Database, 'query'>;
  readonly #slotUs: number;
  readonly #logger: Logger;
  readonly #observer: JanitorObserver;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: { database: Pick<Database, 'query'>; retentionMs: number; logger: Logger; observer: JanitorObserver }) {
    const { database, retentionMs, logger, observer } = parts;
    this.#observer = observer;
    this.#database = database;
    this.#slotUs = slotLengthUs(retentionMs);
    this.#logger = logger;
  }

  start(): void {
    const everyMs = Math.max(1_000, Math.floor(this.#slotUs / 1_000 / 10));
    void this.sweep();
    this.#timer = setInterval(() => void this.sweep(), everyMs);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** One round. Never rejects. */
  async sweep(): Promise<void> {
    try {
      const [clock] = await this.#database.query<{ now: string }>(
        { name: 'janitor-clock', text: 'SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now' },
        [],
      );
      const current = Math.floor(Number(clock?.now) / this.#slotUs) % slots;
      for (const ahead of [1, 2]) await this.#empty((current + ahead) % slots);
      await this.#database.query({ name: 'janitor-keys', text: "DELETE FROM call_key WHERE created_at < now() - interval '24 hours'" }, []);
      this.#observer.janitorRound('done');
    } catch (error) {
      this.#observer.janitorRound('failed');
      this.#logger.warn({ err: error }, 'the retention could not be kept this time');
    }
  }

  async #empty(slot: number): Promise<void> {
    const [row] = await this.#database.query<{ filled: boolean }>(
      { name: `janitor-look-${slot}`, text: `SELECT EXISTS (SELECT 1 FROM inbox_${slot} LIMIT 1) AS filled` },
      [],
    );
    if (row?.filled !== true) return;
    // One DO block is one transaction: the short lock_timeout holds for this TRUNCATE alone. The clock is read once more
    // behind the lock: a node that stood still since its look would empty a slot whose turn has come meanwhile.
    await this.#database.query(
      {
        name: `janitor-empty-${slot}`,
        text: `DO $$ BEGIN
          SET LOCAL lock_timeout = '20ms';
          LOCK TABLE inbox_${slot};
          IF (${slot} + ${slots} - (floor(extract(epoch FROM clock_timestamp()) * 1000000 / ${this.#slotUs}))::bigint % ${slots}) % ${slots} IN (1, 2) THEN
            TRUNCATE inbox_${slot};
          END IF;
        END $$`,
      },
      [],
    );
  }
}
