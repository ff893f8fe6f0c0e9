import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

/**
 * An account. `usernameKey` and `displayNameKey` are the folded forms that uniqueness and search go by. One that
 * was deleted stays as a stub without a name, see auth/delete-account.sql.ts.
 */
export const UserEntity = defineEntity({
  name: 'User',
  tableName: 'account',
  properties: {
    id: p.uuid().primary(),
    username: p.text(),
    usernameKey: p.text().unique(),
    displayName: p.text(),
    displayNameKey: p.text(),
    passwordHash: p.text(),
    createdAt: p.datetime(3),
    deletedAt: p.datetime(3).strictNullable(),
  },
});

/** A user as services know them: what others may see, never the password's hash. */
export type UserRow = Pick<InferEntity<typeof UserEntity>, 'id' | 'username' | 'displayName' | 'createdAt'>;
