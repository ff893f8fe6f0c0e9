import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

/**
 * A signed-in device: one login. Of its refresh tokens only hashes are kept (see refresh-token.ts): the family finds the
 * device whichever of its tokens is shown, the previous hash and the salt forgive an answer that was lost.
 */
export const DeviceEntity = defineEntity({
  name: 'Device',
  tableName: 'device',
  properties: {
    id: p.uuid().primary(),
    userId: p.uuid(),
    name: p.text(),
    createdAt: p.datetime(3),
    lastSeenAt: p.datetime(3),
    revokedAt: p.datetime(3).strictNullable(),
    refreshFamilyHash: p.blob().unique(),
    refreshHash: p.blob(),
    previousRefreshHash: p.blob().strictNullable(),
    refreshSalt: p.blob().strictNullable(),
    refreshedAt: p.datetime(3),
    refreshExpiresAt: p.datetime(3),
  },
});

/** A device as services know it: without its hashes. */
export type DeviceRow = Pick<InferEntity<typeof DeviceEntity>, 'id' | 'name' | 'createdAt' | 'lastSeenAt'>;

export const deviceFields = ['id', 'name', 'createdAt', 'lastSeenAt'] as const;

/** Plain data: nothing that the ORM still holds leaves a repository. */
export function toDeviceRow({ id, name, createdAt, lastSeenAt }: DeviceRow): DeviceRow {
  return { id, name, createdAt, lastSeenAt };
}
