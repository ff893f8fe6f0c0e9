import type { JSX } from 'preact';
import type { CallInfo } from '../../client/index.js';
import { duration } from '../times.js';
import { useServerNow } from '../use-now.js';

/** Since the answer, by the server's clock; before it, nothing. */
export function CallClock({ info }: { readonly info: CallInfo }): JSX.Element | null {
  const nowMs = useServerNow();
  if (info.answeredAt === null) return null;
  return (
    <time class="call-clock" aria-label="Duration">
      {duration(nowMs - Date.parse(info.answeredAt))}
    </time>
  );
}
