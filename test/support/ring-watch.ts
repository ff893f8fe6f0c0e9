import { onTestFinished } from 'vitest';
import { SqlConnection } from './sql-connection.js';

const everyMs = 250;

/** How large the inbox and its whole database were at that time (Unix, in ms), in bytes; without the log that is written ahead. */
export interface Size {
  readonly at: number;
  readonly inboxBytes: number;
  readonly databaseBytes: number;
}

/** Looks at the partitions of the inbox without pause: how large they are, and when one is emptied. */
export class RingWatch {
  readonly #connection: SqlConnection;
  readonly sizes: Size[] = [];
  /** Times (Unix, in ms) at which a partition was found empty that had held something. */
  readonly emptied: number[] = [];
  #before: readonly number[] = [];
  #over = false;
  #watching: Promise<void> = Promise.resolve();

  /** Ended when the test is over. */
  static async startForTest(databaseUrl: string): Promise<RingWatch> {
    const watch = new RingWatch(await SqlConnection.open(databaseUrl));
    onTestFinished(() => watch.#stop());
    watch.#watching = watch.#watch();
    watch.#watching.catch(() => undefined);
    return watch;
  }

  private constructor(connection: SqlConnection) {
    this.#connection = connection;
  }

  /** The largest that it was between two times. */
  largest(what: 'inboxBytes' | 'databaseBytes', from: number, to: number): number {
    return Math.max(...this.sizes.filter(({ at }) => at >= from && at < to).map((size) => size[what]));
  }

  async #watch(): Promise<void> {
    while (!this.#over) {
      await this.#look();
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  async #look(): Promise<void> {
    const [row] = await this.#connection.query<{ heaps: string[]; inbox: string; database: string }>(`
      SELECT array_agg(pg_relation_size(format('inbox_%s', slot)::regclass) ORDER BY slot)::text[] AS heaps,
        sum(pg_total_relation_size(format('inbox_%s', slot)::regclass)) AS inbox, pg_database_size(current_database()) AS database
      FROM generate_series(0, 5) AS slot`);
    if (row === undefined) return;
    const at = Date.now();
    const heaps = row.heaps.map(Number);
    if (heaps.some((bytes, slot) => bytes === 0 && (this.#before[slot] ?? 0) > 0)) this.emptied.push(at);
    this.#before = heaps;
    this.sizes.push({ at, inboxBytes: Number(row.inbox), databaseBytes: Number(row.database) });
  }

  async #stop(): Promise<void> {
    this.#over = true;
    try {
      await this.#watching;
    } finally {
      await this.#connection.close();
    }
  }
}
