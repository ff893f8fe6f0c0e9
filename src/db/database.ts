import type { EntitySchema } from '@mikro-orm/core';
import { MikroORM, type SqlEntityManager } from '@mikro-orm/postgresql';
import { hasSqlState, type NativePool, Reach } from './reach.js';

/** A statement that is prepared once a connection under its name and then only bound. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * How long one statement may wait or run. A frozen node or a held lock stalls every signal of a batch, so all of them
 * are short; the node gives up a little before the server does. Sequential scans are off because a plan that was
 * cached while a partition was empty would go on scanning it when it is full.
 */
const sessionSettings = [
  'statement_timeout=2000',
  'lock_timeout=1000',
  'idle_in_transaction_session_timeout=1000',
  'synchronous_commit=on',
  'enable_seqscan=off',
  'jit=off',
  'TimeZone=UTC',
];

const giveUpMs = 1_800;

/**
 * For the driver, which reads `sslmode` and what belongs to it from the URL; MikroORM reads host, user, password and database
 * alone, and would connect without TLS where it was asked for.
 */
export function connectionOf(url: string): { readonly connectionString: string } {
  return { connectionString: url };
}

/**
 * Postgres, as the repositories see it: entities by `fork()`, hot statements by `query()`.
 *
 * Both share one pool. A query that cannot be answered rejects within 1.8 seconds, and at once where it is known that
 * Postgres is away; whether a failed write took place is then not known, see `isTransient`.
 */
export class Database {
  readonly #orm: MikroORM;
  readonly #pool: NativePool;
  readonly #reach: Reach;

  #ping: Promise<boolean> | null = null;

  private constructor(orm: MikroORM, pool: NativePool) {
    this.#orm = orm;
    this.#pool = pool;
    this.#reach = new Reach(pool, giveUpMs);
  }

  /** `settings`: what every session says beside what all have to, `name=value` each. */
  static async open(url: string, entities: readonly EntitySchema[], settings: readonly string[] = [], poolSize = 12): Promise<Database> {
    const orm = await MikroORM.init({
      entities: [...entities],
      clientUrl: url,
      pool: { min: 0, max: poolSize, idleTimeoutMillis: 60_000 },
      driverOptions: {
        ...connectionOf(url),
        options: [...sessionSettings, ...settings].map((setting) => `-c ${setting}`).join(' '),
        connectionTimeoutMillis: giveUpMs,
        application_name: 'switchboard',
        keepAlive: true,
      },
      // A fork for each unit of work; the global one would keep every entity it ever saw.
      allowGlobalContext: false,
    });
    return new Database(orm, await orm.em.getConnection().getNativeClient());
  }

  /** An EntityManager for one unit of work. */
  fork(): SqlEntityManager {
    return this.#orm.em.fork();
  }

  /** Runs one prepared statement on any connection of the pool. bigint columns come back as strings, timestamps as text. */
  async query<Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    try {
      const result = await client.query<Row>({ name: statement.name, text: statement.text, values: [...values] });
      return result.rows;
    } catch (error) {
      // Where it was asked, not where its answer was read.
      if (error instanceof Error) Error.captureStackTrace(error);
      // A query that timed out on our side is still running on its connection: that connection is no longer ours to use.
      if (!hasSqlState(error)) broken = error instanceof Error ? error : new Error('query failed');
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /**
   * Listens on a connection of its own. Calls `lost` once when that ends, unless it was released; rejects where it cannot
   * be had. Returns what releases it.
   */
  async listen(channel: string, heard: (payload: string) => void, lost: () => void): Promise<() => Promise<void>> {
    const client = await this.#pool.connect();
    let isListening = false;
    let isReleased = false;
    const release = (): void => {
      if (!isReleased) client.release(true);
      isReleased = true;
    };
    const ended = (): void => {
      // Who has not been told that it listens is told by the rejection.
      const isNews = isListening && !isReleased;
      release();
      if (isNews) lost();
    };
    client.on('notification', ({ payload }: { payload?: string | undefined }) => heard(payload ?? ''));
    client.on('error', ended);
    client.on('end', ended);
    try {
      await client.query(`LISTEN ${channel}`);
    } catch (error) {
      release();
      throw error;
    }
    if (isReleased) throw new Error('The connection ended as it began to listen.');
    isListening = true;
    return () => {
      release();
      return Promise.resolve();
    };
  }

  /** Connections of the pool, those of them that nobody uses, and those who wait for one. */
  get pool(): { size: number; idle: number; waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return { size: totalCount, idle: idleCount, waiting: waitingCount };
  }

  /** Asked once for all who want to know at the same time: however many they are, they take one connection. */
  isReachable(): Promise<boolean> {
    this.#ping ??= this.query({ name: 'ping', text: 'SELECT 1' }, [])
      .then(
        () => true,
        () => false,
      )
      .finally(() => (this.#ping = null));
    return this.#ping;
  }

  async close(): Promise<void> {
    this.#reach.stop();
    await this.#orm.close(true);
  }
}
