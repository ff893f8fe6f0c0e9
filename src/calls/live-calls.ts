import type { CallRow } from './call.entity.js';

export type CallHint = Pick<CallRow, 'callerId' | 'calleeId' | 'status' | 'endReason' | 'calleeDeviceId'>;

/**
 * What this node last saw of calls: a hint that saves a way to Postgres, never an authority. Parties never change and an
 * ended call stays ended, so those two may be relied on; everything else may be old. Bounded: the oldest goes.
 */
export class LiveCalls {
  readonly #calls = new Map<string, CallHint>();
  readonly #most: number;

  constructor(most = 50_000) {
    this.#most = most;
  }

  note(call: CallRow): void {
    const { id, callerId, calleeId, status, endReason, calleeDeviceId } = call;
    this.#calls.delete(id);
    this.#calls.set(id, { callerId, calleeId, status, endReason, calleeDeviceId });
    if (this.#calls.size > this.#most) for (const oldest of this.#calls.keys()) return void this.#calls.delete(oldest);
  }

  get(callId: string): CallHint | undefined {
    return this.#calls.get(callId);
  }
}
