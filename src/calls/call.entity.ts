import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import { callMedia, callStatuses, endReasons } from './call-status.js';

/** A call. Its parties never change; everything else changes only in the functions of this folder, under the heads of both. */
export const CallEntity = defineEntity({
  name: 'Call',
  tableName: 'call',
  properties: {
    id: p.uuid().primary(),
    callerId: p.uuid(),
    calleeId: p.uuid(),
    callerDeviceId: p.uuid(),
    calleeDeviceId: p.uuid().strictNullable(),
    media: p.enum(callMedia),
    metadata: p.text().strictNullable(),
    status: p.enum(callStatuses),
    endReason: p.enum(endReasons).strictNullable(),
    endedById: p.uuid().strictNullable(),
    /** The callee had blocked the caller when it was made: the caller's alone. */
    hidden: p.boolean(),
    createdAt: p.datetime(3),
    ringExpiresAt: p.datetime(3),
    ringingAt: p.datetime(3).strictNullable(),
    answeredAt: p.datetime(3).strictNullable(),
    endedAt: p.datetime(3).strictNullable(),
  },
});

export type CallRow = InferEntity<typeof CallEntity>;

/** The callee of a hidden call has no part in it. */
export function isParty({ callerId, calleeId, hidden }: CallRow, userId: string): boolean {
  return userId === callerId || (userId === calleeId && !hidden);
}
