import type { Database, Statement } from '../db/database.js';
import { UserEntity, type UserRow } from './user.entity.js';

const fields = ['id', 'username', 'displayName', 'createdAt'] as const;

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
    WHERE username_key LIKE $1 OR display_name_key LIKE $1
    ORDER BY NOT username_key LIKE $1, CASE WHEN username_key LIKE $1 THEN length(username_key) ELSE length(display_name_key) END, username_key
    LIMIT $2`,
};

/** Reads and changes accounts. Making one is part of a registration, see auth/session.repository.ts. */
export class UserRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Every id has to be a UUID. In no order; who does not exist is left out. */
  async findByIds(ids: readonly string[]): Promise<UserRow[]> {
    return (await this.#database.fork().find(UserEntity, { id: { $in: [...ids] } }, { fields })).map(toRow);
  }

  async findById(id: string): Promise<UserRow | null> {
    const user = await this.#database.fork().findOne(UserEntity, { id }, { fields });
    return user && toRow(user);
  }

  async findByUsernameKey(usernameKey: string): Promise<UserRow | null> {
    const user = await this.#database.fork().findOne(UserEntity, { usernameKey }, { fields });
    return user && toRow(user);
  }

  async findCredentials(by: { id: string } | { usernameKey: string }): Promise<Credentials | null> {
    const user = await this.#database.fork().findOne(UserEntity, by, { fields: ['id', 'passwordHash'] });
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
    const entities = this.#database.fork();
    const user = await entities.findOne(UserEntity, { id });
    if (user === null) return null;
    user.displayName = displayName;
    user.displayNameKey = displayNameKey;
    await entities.flush();
    return toRow(user);
  }
}

function toRow({ id, username, displayName, createdAt }: UserRow): UserRow {
  return { id, username, displayName, createdAt };
}
