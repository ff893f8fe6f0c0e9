import type { Database, Statement } from '../db/database.js';
import { UserEntity, type UserRow } from './user.entity.js';

const fields = ['id', 'username', 'displayName', 'createdAt'] as const;
const living = { deletedAt: null };

/** A user, or the stub that was left of one. */
export interface PastOrPresentUser extends UserRow {
  readonly isDeleted: boolean;
}

/** What a login is checked against. */
export interface Credentials {
  readonly userId: string;
  readonly passwordHash: string;
}

// Usernames before display names, and of either the shortest, which is the nearest: so an exact username is the first.
const search: Statement = {
  name: 'user-search',
  text: `
    SELECT id, username, display_name AS "displayName", (extract(epoch FROM created_at) * 1000)::float8 AS "createdAtMs"
    FROM account
    WHERE (username_key LIKE $1 OR display_name_key LIKE $1) AND deleted_at IS NULL
    ORDER BY NOT username_key LIKE $1, CASE WHEN username_key LIKE $1 THEN length(username_key) ELSE length(display_name_key) END, username_key
    LIMIT $2`,
};

/**
 * Reads and changes accounts; one that was deleted does not exist, but for `findPastAndPresent`. Making one is part of a
 * registration, see auth/session.repository.ts, and ending one auth/account.repository.ts.
 */
export class UserRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Every id has to be a UUID. In no order; who does not exist is left out. */
  async findPastAndPresent(ids: readonly string[]): Promise<PastOrPresentUser[]> {
    const users = await this.#database.fork().find(UserEntity, { id: { $in: [...ids] } }, { fields: [...fields, 'deletedAt'] });
    return users.map((user) => ({ ...toRow(user), isDeleted: user.deletedAt !== null }));
  }

  async findById(id: string): Promise<UserRow | null> {
    const user = await this.#database.fork().findOne(UserEntity, { id, ...living }, { fields });
    return user && toRow(user);
  }

  async findByUsernameKey(usernameKey: string): Promise<UserRow | null> {
    const user = await this.#database.fork().findOne(UserEntity, { usernameKey, ...living }, { fields });
    return user && toRow(user);
  }

  async findCredentials(by: { id: string } | { usernameKey: string }): Promise<Credentials | null> {
    const user = await this.#database.fork().findOne(UserEntity, { ...by, ...living }, { fields: ['id', 'passwordHash'] });
    return user && { userId: user.id, passwordHash: user.passwordHash };
  }

  /** Best match first. `key` is a folded name, or the beginning of one. */
  async search(key: string, first: number): Promise<UserRow[]> {
    const prefix = `${key.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    const rows = await this.#database.query<Omit<UserRow, 'createdAt'> & { createdAtMs: number }>(search, [prefix, first]);
    return rows.map(({ createdAtMs, ...user }) => ({ ...user, createdAt: new Date(createdAtMs) }));
  }

  /** Null where the account is gone. */
  async rename(id: string, displayName: string, displayNameKey: string): Promise<UserRow | null> {
    const renamed = await this.#database.fork().nativeUpdate(UserEntity, { id, ...living }, { displayName, displayNameKey });
    return renamed === 0 ? null : this.findById(id);
  }
}

function toRow({ id, username, displayName, createdAt }: UserRow): UserRow {
  return { id, username, displayName, createdAt };
}
