import { runSql } from './database.js';
import type { TestServer } from './server.js';

type Databased = Pick<TestServer, 'databaseUrl'>;

/** Moves the end of the ringing into the past, as if nobody had answered in time. */
export async function letRingOut({ databaseUrl }: Databased, callId: string): Promise<void> {
  await runSql(databaseUrl, "UPDATE call SET ring_expires_at = clock_timestamp() - interval '1 ms' WHERE id = $1", [callId]);
}

/** Drops every event that is kept, as the retention does with old ones. */
export async function forgetEvents({ databaseUrl }: Databased): Promise<void> {
  await runSql(databaseUrl, 'TRUNCATE inbox');
}

/** Drops the events of one user up to the one with that cursor. */
export async function forgetEventsUpTo({ databaseUrl }: Databased, userId: string, cursor: string): Promise<void> {
  await runSql(databaseUrl, 'DELETE FROM inbox WHERE user_id = $1 AND seq <= $2', [userId, Number.parseInt(cursor.slice(0, 16), 16)]);
}
