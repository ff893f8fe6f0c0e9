import { SqlConnection } from './sql-connection.js';
import { until } from './until.js';

/** Somebody else's transaction that holds the head of one inbox. */
export class HeldHead {
  readonly #connection: SqlConnection;

  static async take(databaseUrl: string, userId: string): Promise<HeldHead> {
    const connection = await SqlConnection.open(databaseUrl);
    await connection.query('BEGIN');
    await connection.query('SELECT 1 FROM inbox_head WHERE user_id = $1 FOR UPDATE', [userId]);
    return new HeldHead(connection);
  }

  private constructor(connection: SqlConnection) {
    this.#connection = connection;
  }

  /** Resolves when a statement of the server waits for this head. */
  async awaited(): Promise<void> {
    const waiting = 'SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))';
    await until('somebody who waits for the head', async () => (await this.#connection.query(waiting)).length > 0, { everyMs: 5 });
  }

  async letGo(): Promise<void> {
    await this.#connection.query('COMMIT');
    await this.#connection.close();
  }
}

/** Whether nobody holds the head of that inbox now. */
export async function isFree(connection: SqlConnection, userId: string): Promise<boolean> {
  return connection.query('SELECT 1 FROM inbox_head WHERE user_id = $1 FOR UPDATE NOWAIT', [userId]).then(
    () => true,
    () => false,
  );
}
