const firstMs = 400;
const longestMs = 15_000;

/** Milliseconds before the next attempt after so many failed ones: doubled each time, and spread so that many clients do not come at once. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const ceilingMs = Math.min(longestMs, firstMs * 2 ** failures);
  return ceilingMs / 2 + (random() * ceilingMs) / 2;
}

/** Resolves after `ms`, at once where `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
