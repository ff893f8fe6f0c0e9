import { raw } from '@mikro-orm/postgresql';
import type { Database, Statement } from '../db/database.js';
import { DeviceEntity, deviceFields, toDeviceRow, type DeviceRow } from './device.entity.js';

/** More than anybody has; a list without a bound is somebody's way to fill our memory. */
const maxListed = 500;

const checkLife: Statement = {
  name: 'device-check-life',
  text: `SELECT d.id, d.last_seen_at < now() - make_interval(secs => $2) AS stale
    FROM unnest($1::uuid[]) AS s (id) JOIN device d ON d.id = s.id WHERE d.revoked_at IS NULL`,
};

// Looked at again under the row's lock: of many nodes that find it stale at once, one writes.
const touch: Statement = {
  name: 'device-touch',
  text: 'UPDATE device SET last_seen_at = now() WHERE id = $1 AND last_seen_at < now() - make_interval(secs => $2)',
};

/** `revoked_at` is when the transaction began, so each look begins a little before the last one: no statement runs longer. */
const revokedSince: Statement = {
  name: 'devices-revoked-since',
  text: `
    SELECT (clock_timestamp() - interval '3 seconds')::text AS next,
      ARRAY(SELECT id FROM device WHERE revoked_at > coalesce($1::timestamptz, clock_timestamp() - interval '3 seconds'))::text[] AS ids`,
};

const renewals: Statement = {
  name: 'device-renewals',
  text: `
    SELECT id, refreshed_at::text AS "refreshedAt", (extract(epoch FROM clock_timestamp() - refreshed_at) * 1000)::float8 AS "agoMs"
    FROM device WHERE id = ANY($1::uuid[]) AND revoked_at IS NULL`,
};

/** Reads the signed-in devices and ends them. Their sessions are made in session.repository.ts. */
export class DeviceRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The user's devices whose session can still be renewed, the last seen first. */
  async findLive(userId: string): Promise<DeviceRow[]> {
    const devices = await this.#database
      .fork()
      .find(
        DeviceEntity,
        { userId, revokedAt: null, refreshExpiresAt: { $gt: raw('now()') } },
        { fields: deviceFields, orderBy: { lastSeenAt: 'desc', id: 'asc' }, limit: maxListed },
      );
    return devices.map(toDeviceRow);
  }

  /** For each device: null where it is revoked or never was; `stale` where it was last seen more than so many seconds ago. */
  async checkLives(deviceIds: readonly string[], staleSeconds: number): Promise<({ stale: boolean } | null)[]> {
    const rows = await this.#database.query<{ id: string; stale: boolean }>(checkLife, [deviceIds, staleSeconds]);
    const found = new Map(rows.map((row) => [row.id, row]));
    return deviceIds.map((id) => found.get(id) ?? null);
  }

  async touch(deviceId: string, staleSeconds: number): Promise<void> {
    await this.#database.query(touch, [deviceId, staleSeconds]);
  }

  /** The devices that were revoked since `since`, which is the `next` of the look before; some of them again. */
  async revokedSince(since: string | null): Promise<{ ids: string[]; next: string }> {
    const [row] = await this.#database.query<{ ids: string[]; next: string }>(revokedSince, [since]);
    if (row === undefined) throw new Error('The database told no time.');
    return row;
  }

  /** When the sessions of those devices were last renewed: an instant to compare, and how long ago by the database's clock. */
  async renewals(deviceIds: readonly string[]): Promise<{ id: string; refreshedAt: string; agoMs: number }[]> {
    return this.#database.query(renewals, [deviceIds]);
  }

  async belongsTo(userId: string, deviceId: string): Promise<boolean> {
    return (await this.#database.fork().count(DeviceEntity, { id: deviceId, userId })) === 1;
  }

  /** Ends the device's session. Harmless where it has ended. */
  async revoke(userId: string, deviceId: string): Promise<void> {
    await this.#database.fork().nativeUpdate(DeviceEntity, { id: deviceId, userId, revokedAt: null }, { revokedAt: raw<Date>('now()') });
  }
}
