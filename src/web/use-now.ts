import { useEffect, useState } from 'preact/hooks';
import { useDesk } from './desk.js';

/** Milliseconds by the server's clock, read anew so often. */
export function useServerNow(everyMs = 500): number {
  const { phone } = useDesk();
  const [nowMs, setNowMs] = useState(() => phone.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(phone.now()), everyMs);
    return () => clearInterval(timer);
  }, [phone, everyMs]);
  return nowMs;
}
