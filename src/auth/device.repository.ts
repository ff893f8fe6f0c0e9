import { raw } from '@mikro-orm/postgresql';
import type { Database, Statement } from '../db/database.js';
import { DeviceEntity, deviceFields, toDeviceRow, type DeviceRow } from './device.entity.js';

/** More than anybody has; a list without a bound is somebody's way to fill our memory. */
const maxListed = 500;

const checkLife: Statement = {
  name: 'device-check-life',
  text: "SELECT last_seen_at < now() - interval '1 minute' AS stale FROM device WHERE id = $1 AND revoked_at IS NULL",
};

// Looked at again under the row's lock: of many nodes that find it stale at once, one writes.
const touch: Statement = {
  name: 'device-touch',
  text: "UPDATE device SET last_seen_at = now() WHERE id = $1 AND last_seen_at < now() - interval '1 minute'",
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

  /** Null where it is revoked or never was; `stale` where it was last seen more than a minute ago. */
  async checkLife(deviceId: string): Promise<{ stale: boolean } | null> {
    return (await this.#database.query<{ stale: boolean }>(checkLife, [deviceId]))[0] ?? null;
  }

  async touch(deviceId: string): Promise<void> {
    await this.#database.query(touch, [deviceId]);
  }

  async belongsTo(userId: string, deviceId: string): Promise<boolean> {
    return (await this.#database.fork().count(DeviceEntity, { id: deviceId, userId })) === 1;
  }

  /** Ends the device's session. Harmless where it has ended. */
  async revoke(userId: string, deviceId: string): Promise<void> {
    await this.#database.fork().nativeUpdate(DeviceEntity, { id: deviceId, userId, revokedAt: null }, { revokedAt: raw<Date>('now()') });
  }
}
