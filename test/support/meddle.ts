import { runSql } from './database.js';
import type { Device } from './device.js';
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

/** As if those devices had done nothing for an hour, and their calls had been answered before. */
export async function seemLongAgo({ databaseUrl }: Databased, devices: readonly Device[]): Promise<void> {
  const ids = devices.map(({ id }) => id);
  await runSql(databaseUrl, "UPDATE device SET last_seen_at = last_seen_at - interval '1 hour' WHERE id = ANY($1)", [ids]);
  await runSql(databaseUrl, "UPDATE call SET answered_at = answered_at - interval '1 hour' WHERE caller_device_id = ANY($1)", [ids]);
}
