import { SqlConnection } from './sql-connection.js';
import { until } from './until.js';

/** The row of an inbox's head, of a device, or of a device that is connected. */
export type Row = { readonly userId: string } | { readonly deviceId: string } | { readonly presenceOf: string };

function lock(row: Row): [string, string[]] {
  if ('userId' in row) return ['SELECT 1 FROM inbox_head WHERE user_id = $1 FOR UPDATE', [row.userId]];
  if ('deviceId' in row) return ['SELECT 1 FROM device WHERE id = $1 FOR UPDATE', [row.deviceId]];
  return ['SELECT 1 FROM device_presence WHERE device_id = $1 FOR UPDATE', [row.presenceOf]];
}

/** Somebody else's transaction that holds a row. */
export class HeldRow {
  readonly #connection: SqlConnection;

  static async take(databaseUrl: string, row: Row): Promise<HeldRow> {
    const connection = await SqlConnection.open(databaseUrl);
    await connection.query('BEGIN');
    await connection.query(...lock(row));
    return new HeldRow(connection);
  }

  private constructor(connection: SqlConnection) {
    this.#connection = connection;
  }

  /** Resolves when a statement of the server waits for this row. */
  async awaited(): Promise<void> {
    // Not from pg_stat_activity, which shows a transaction none of the connections that are made after its first look.
    const waiting = 'SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))';
    await until('somebody who waits for the row', async () => (await this.#connection.query(waiting)).length > 0, { everyMs: 5 });
  }

  async letGo(): Promise<void> {
    await this.#connection.query('COMMIT');
    await this.#connection.close();
  }
}

/** Whether nobody holds that row now. */
export async function isFree(connection: SqlConnection, row: Row): Promise<boolean> {
  const [text, values] = lock(row);
  return connection.query(`${text} NOWAIT`, values).then(
    () => true,
    () => false,
  );
}
