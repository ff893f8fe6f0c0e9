import type { Logger } from '../logger.js';
import { Rounds } from '../rounds.js';
import type { CallService } from './call.service.js';

const everyMs = 500;
const mostAtOnce = 100;

export interface CallSweepOptions {
  readonly calls: Pick<CallService, 'sweep' | 'sweepLost'>;
  readonly nodeId: string;
  readonly signalingLostSeconds: number;
  readonly logger: Logger;
}

/** Ends calls that have rung out, or have lost a device, on any node: Postgres decides which are due, and that each ends once. */
export function createCallSweep({ calls, nodeId, signalingLostSeconds, logger }: CallSweepOptions): Rounds {
  const round = async (): Promise<void> => {
    while ((await calls.sweep(mostAtOnce)) === mostAtOnce);
    await calls.sweepLost(nodeId, signalingLostSeconds, mostAtOnce);
  };
  return new Rounds({ everyMs, round, logger, what: 'calls could not be swept this time' });
}
