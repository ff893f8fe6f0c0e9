import { LockMode, raw } from '@mikro-orm/postgresql';
import { sqlState } from '../db/database-error.js';
import type { Database } from '../db/database.js';
import { UserEntity } from '../users/user.entity.js';
import { DeviceEntity, deviceFields, toDeviceRow, type DeviceRow } from './device.entity.js';
import { registerStatement, renewStatement, signInStatement } from './session.sql.js';

/** What is kept of a refresh token. */
interface RefreshHashes {
  readonly familyHash: Buffer;
  readonly secretHash: Buffer;
}

export interface NewDevice {
  readonly id: string;
  readonly name: string;
  readonly refresh: RefreshHashes;
  readonly refreshDays: number;
}

export interface NewAccount {
  readonly id: string;
  readonly username: string;
  readonly usernameKey: string;
  readonly displayName: string;
  readonly displayNameKey: string;
  readonly passwordHash: string;
}

export interface Renewal {
  readonly presented: RefreshHashes;
  readonly nextSecretHash: Buffer;
  readonly salt: Buffer;
  readonly refreshDays: number;
}

export interface PasswordChange {
  readonly userId: string;
  readonly deviceId: string;
  readonly currentHash: string;
  readonly nextHash: string;
  readonly refresh: RefreshHashes;
  readonly refreshDays: number;
}

/** `refused`: unknown, revoked or expired. `reused`: the device has been revoked for it. */
export type RenewalOutcome =
  | { kind: 'renewed'; userId: string; device: DeviceRow; salt: Buffer }
  | { kind: 'reused'; userId: string; deviceId: string }
  | { kind: 'refused' };

/** `passwordDiffers`: the current one was changed since it was read. */
export type PasswordChangeOutcome =
  | { kind: 'changed'; device: DeviceRow; revokedDeviceIds: string[] }
  | { kind: 'passwordDiffers' }
  | { kind: 'deviceRevoked' };

interface DeviceColumns {
  id: string;
  userId: string;
  name: string;
  createdAtMs: number;
  lastSeenAtMs: number;
}

/** Begins and renews the sessions of devices. */
export class SessionRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Null where somebody has the username. */
  async register(account: NewAccount, device: NewDevice): Promise<{ userCreatedAt: Date; device: DeviceRow } | null> {
    const { id, username, usernameKey, displayName, displayNameKey, passwordHash } = account;
    const values = [id, username, usernameKey, displayName, displayNameKey, passwordHash, ...deviceValues(device)];
    try {
      const rows = await this.#database.query<DeviceColumns & { userCreatedAtMs: number }>(registerStatement, values);
      return rows.map((row) => ({ userCreatedAt: new Date(row.userCreatedAtMs), device: toDevice(row) }))[0] ?? null;
    } catch (error) {
      if (sqlState(error) === '23505') return null;
      throw error;
    }
  }

  /** Null where the password is no longer the one whose hash is given, or the account is gone. */
  async signIn(userId: string, passwordHash: string, device: NewDevice): Promise<DeviceRow | null> {
    const rows = await this.#database.query<DeviceColumns>(signInStatement, [userId, passwordHash, ...deviceValues(device)]);
    return rows.map(toDevice)[0] ?? null;
  }

  async renew({ presented, nextSecretHash, salt, refreshDays }: Renewal): Promise<RenewalOutcome> {
    const [row] = await this.#database.query<DeviceColumns & { reused: boolean; salt: Buffer }>(renewStatement, [
      presented.familyHash,
      presented.secretHash,
      nextSecretHash,
      salt,
      refreshDays,
    ]);
    if (row === undefined) return { kind: 'refused' };
    if (row.reused) return { kind: 'reused', userId: row.userId, deviceId: row.id };
    return { kind: 'renewed', userId: row.userId, device: toDevice(row), salt: row.salt };
  }

  /**
   * Sets the password, ends every other device's session and begins a new one on this device.
   *
   * The account is locked first and the devices are read by later statements: so it sees a login with the old password
   * that came just before, and one that comes just after finds its password changed. Nothing is written before the last
   * refusal. The account before the devices, and these in the order of their ids, as presence does: another order can
   * deadlock.
   */
  changePassword({ userId, deviceId, currentHash, nextHash, refresh, refreshDays }: PasswordChange): Promise<PasswordChangeOutcome> {
    return this.#database.fork().transactional(async (entities): Promise<PasswordChangeOutcome> => {
      const lockMode = LockMode.PESSIMISTIC_WRITE;
      const account = await entities.findOne(UserEntity, { id: userId, passwordHash: currentHash }, { fields: ['id'], lockMode });
      if (account === null) return { kind: 'passwordDiffers' };
      const live = { userId, revokedAt: null };
      const devices = await entities.find(DeviceEntity, live, { fields: deviceFields, orderBy: { id: 'asc' }, lockMode });
      const device = devices.find(({ id }) => id === deviceId);
      if (device === undefined) return { kind: 'deviceRevoked' };

      await entities.nativeUpdate(UserEntity, { id: userId }, { passwordHash: nextHash });
      await entities.nativeUpdate(DeviceEntity, { id: { $ne: deviceId }, ...live }, { revokedAt: raw<Date>('now()') });
      // A new family: whoever holds a token of the old one holds nothing, and cannot even have this device revoked.
      await entities.nativeUpdate(
        DeviceEntity,
        { id: deviceId },
        {
          refreshFamilyHash: refresh.familyHash,
          refreshHash: refresh.secretHash,
          previousRefreshHash: null,
          refreshSalt: null,
          refreshedAt: raw<Date>('now()'),
          refreshExpiresAt: raw<Date>('now() + make_interval(days => ?)', [refreshDays]),
        },
      );
      return { kind: 'changed', device: toDeviceRow(device), revokedDeviceIds: devices.flatMap(({ id }) => (id === deviceId ? [] : [id])) };
    });
  }
}

function deviceValues({ id, name, refresh, refreshDays }: NewDevice): unknown[] {
  return [id, name, refresh.familyHash, refresh.secretHash, refreshDays];
}

function toDevice({ id, name, createdAtMs, lastSeenAtMs }: DeviceColumns): DeviceRow {
  return { id, name, createdAt: new Date(createdAtMs), lastSeenAt: new Date(lastSeenAtMs) };
}
