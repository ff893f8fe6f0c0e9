/**
 * Calls `wake` when it is worth to look at the connection again at once: the network is back or another one, or the page
 * is looked at again. Until `signal` aborts; outside of a browser never.
 */
export function onWakeUp(wake: (reason: 'online' | 'network' | 'visible') => void, signal: AbortSignal): void {
  const { document, navigator } = globalThis as { document?: Document; navigator?: Navigator & { connection?: EventTarget } };
  if (document === undefined) return;
  globalThis.addEventListener('online', () => wake('online'), { signal });
  navigator?.connection?.addEventListener('change', () => wake('network'), { signal });
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') wake('visible');
    },
    { signal },
  );
}
