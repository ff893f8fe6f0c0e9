import type { JSX } from 'preact';
import { useDesk } from '../desk.js';
import { useStore } from '../store.js';
import { CallClock } from './call-clock.js';
import type { LiveCall } from './live-call.js';

/** The live call, while another one is looked at. */
export function LiveStrip({ live }: { readonly live: LiveCall }): JSX.Element {
  const { router, calls } = useDesk();
  const { info } = useStore(live);
  return (
    <div class="bar live" role="status">
      <p>
        In a call with <strong>{live.call.other.displayName}</strong> <CallClock info={info} />
      </p>
      <button type="button" class="button small" onClick={() => router.go({ call: 'live' })}>
        Return to it
      </button>
      <button type="button" class="button small danger" onClick={() => void calls.hangUp(live.call)}>
        Hang up
      </button>
    </div>
  );
}
