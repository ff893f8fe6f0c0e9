import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

/** A signed-in device: one login. Refresh tokens are kept as SHA-256 only; the previous one forgives an answer that was lost. */
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
    refreshHash: p.blob(),
    previousRefreshHash: p.blob().strictNullable(),
    refreshedAt: p.datetime(3),
    refreshExpiresAt: p.datetime(3),
  },
});

export type DeviceRow = InferEntity<typeof DeviceEntity>;
