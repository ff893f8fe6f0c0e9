import type { Logger } from '../logger.js';
import { Rounds } from '../rounds.js';
import type { Database } from './database.js';

const everyMs = 10_000;
/** A slow answer says little of the moment in which it was made. */
const longestTripMs = 1_000;

/**
 * What time it is by Postgres's clock: the one that all nodes share. What one node writes and another reads, as the times
 * in an access token, is taken from here, so that a node whose own clock is minutes off is one of them all the same.
 *
 * Right to within half of a round trip; goes on by this machine's monotonic clock while Postgres is away.
 */
export class DatabaseClock {
  readonly #database: Pick<Database, 'query'>;
  readonly #rounds: Rounds;
  #offsetMs = 0;

  /** Resolves when it knows the time. */
  static async start(parts: { database: Pick<Database, 'query'>; logger: Logger }): Promise<DatabaseClock> {
    const clock = new DatabaseClock(parts);
    await clock.#look(Infinity);
    clock.#rounds.start();
    return clock;
  }

  private constructor({ database, logger }: { database: Pick<Database, 'query'>; logger: Logger }) {
    this.#database = database;
    this.#rounds = new Rounds({
      everyMs,
      round: () => this.#look(longestTripMs),
      logger,
      what: 'the clock could not be compared this time',
    });
  }

  /** Milliseconds since 1970. */
  nowMs(): number {
    return performance.now() + this.#offsetMs;
  }

  stop(): void {
    this.#rounds.stop();
  }

  async #look(mostMs: number): Promise<void> {
    const askedAtMs = performance.now();
    const [row] = await this.#database.query<{ now: number }>(
      { name: 'clock', text: 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now' },
      [],
    );
    const tripMs = performance.now() - askedAtMs;
    if (row !== undefined && tripMs <= mostMs) this.#offsetMs = row.now - (askedAtMs + tripMs / 2);
  }
}
