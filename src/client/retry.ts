import { backoffMs, pause } from './backoff.js';
import { ConnectionError, SwitchboardError } from './errors.js';

/** Failures that make the wait for an unavailable server longer: up to 3.2 seconds. */
const mostUnavailable = 3;

/**
 * Runs `attempt` until it succeeds or is refused for good. It has to be safe to repeat: by a key, or by what it does.
 * RATE_LIMITED and TOO_BUSY are waited out, UNAVAILABLE and a lost connection are tried again with backoff, INTERNAL once.
 */
export async function retrying<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  let internal = 0;
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      const waitMs = waitBefore(error, failures, internal);
      if (waitMs === null) throw error;
      if (error instanceof SwitchboardError && error.code === 'INTERNAL') internal += 1;
      await pause(waitMs, signal);
      if (signal?.aborted === true) throw error;
    }
  }
}

function waitBefore(error: unknown, failures: number, internal: number): number | null {
  if (error instanceof ConnectionError) return error.isFinal ? null : backoffMs(failures);
  if (!(error instanceof SwitchboardError)) return null;
  if (error.code === 'RATE_LIMITED' || error.code === 'TOO_BUSY') return Math.max(error.details.retryAfterMs ?? 0, backoffMs(failures));
  // The server is there, and its database will be: who has waited long already still goes on within seconds of that.
  if (error.code === 'UNAVAILABLE') return backoffMs(Math.min(failures, mostUnavailable));
  return error.code === 'INTERNAL' && internal === 0 ? backoffMs(failures) : null;
}

/** Whether another attempt, later, may succeed. */
export function mayPass(error: Error): boolean {
  return waitBefore(error, 0, 0) !== null;
}
