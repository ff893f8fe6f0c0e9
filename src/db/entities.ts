import { DeviceEntity } from '../auth/device.entity.js';
import { CallEntity } from '../calls/call.entity.js';
import { UserEntity } from '../users/user.entity.js';

export const entities = [UserEntity, DeviceEntity, CallEntity] as const;
