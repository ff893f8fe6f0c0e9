import { backoffMs, pause } from './backoff.js';
import type { Sink } from './connection.js';
import type { ConnectionError, SwitchboardError } from './errors.js';

/**
 * Keeps a subscription open until `signal` aborts: after each end it is opened again, with backoff, as long as `goesOn`
 * says so of what ended it; null is an end that the server gave no reason for.
 */
export async function keepOpen<Data>(options: {
  readonly open: (sink: Sink<Data>) => () => void;
  readonly onData: (data: Data) => void;
  readonly goesOn: (error: SwitchboardError | ConnectionError | null, hadData: boolean) => boolean;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { open, onData, goesOn, signal } = options;
  for (let failures = 0; !signal.aborted; failures += 1) {
    let hadData = false;
    const end = Promise.withResolvers<SwitchboardError | ConnectionError | null>();
    const next = (data: Data): void => {
      hadData = true;
      onData(data);
    };
    const stop = open({ next, failed: end.resolve, completed: () => end.resolve(null) });
    const leave = (): void => {
      stop();
      end.resolve(null);
    };
    signal.addEventListener('abort', leave, { once: true });
    const error = await end.promise;
    signal.removeEventListener('abort', leave);
    if (signal.aborted || !goesOn(error, hadData)) return;
    if (hadData) failures = 0;
    await pause(backoffMs(failures), signal);
  }
}
