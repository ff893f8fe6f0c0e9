import type { JSX } from 'preact';
import type { CallInfo } from '../../client/index.js';
import { useServerNow } from '../use-now.js';

/** How long it still rings, by the server's clock. */
export function RingCountdown({ info }: { readonly info: CallInfo }): JSX.Element {
  const nowMs = useServerNow(250);
  const endsMs = Date.parse(info.ringExpiresAt);
  const leftMs = Math.max(0, endsMs - nowMs);
  const share = leftMs / Math.max(1, endsMs - Date.parse(info.createdAt));
  return (
    <div class="ring-countdown" role="timer" aria-label={`Rings for ${Math.ceil(leftMs / 1_000)} more seconds`}>
      <span class="ring-bar" aria-hidden="true">
        <span style={{ transform: `scaleX(${Math.min(1, share).toFixed(3)})` }} />
      </span>
      <span aria-hidden="true">{Math.ceil(leftMs / 1_000)} s</span>
    </div>
  );
}
