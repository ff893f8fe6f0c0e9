import { DeviceEntity } from './auth/device.entity.js';
import { acceptCall } from './calls/accept-call.sql.js';
import { CallEntity } from './calls/call.entity.js';
import { callSteps } from './calls/call-steps.sql.js';
import { createCall } from './calls/create-call.sql.js';
import { endCall } from './calls/end-call.sql.js';
import { expireCall, loseCall, ringCall, terminateCall } from './calls/server-steps.sql.js';
import type { SqlFunction } from './db/sql-function.js';
import { appendEvent } from './inbox/inbox.js';
import { appendSignals } from './signaling/append-signals.sql.js';
import { UserEntity } from './users/user.entity.js';

/** All that the features keep in Postgres as entities. */
export const entities = [UserEntity, DeviceEntity, CallEntity] as const;

/** All that the features decide in Postgres; what one calls stands before it. */
export const sqlFunctions: readonly SqlFunction[] = [
  appendEvent,
  ...callSteps,
  createCall,
  acceptCall,
  endCall,
  expireCall,
  terminateCall,
  ringCall,
  loseCall,
  appendSignals,
];
