import type { JSX } from 'preact';
import { useDesk } from '../desk.js';
import { useStore } from '../store.js';
import { RingCountdown } from './ring-countdown.js';

/** Calls that go on without this tab: one that is ignored here, one on another device, one from before a reload. */
export function IncomingBar(): JSX.Element {
  const { calls, phone } = useDesk();
  const ringing = useStore(calls.ringing);
  const apart = useStore(calls.apart);
  return (
    <div class="bars">
      {ringing?.isIgnored === true ? (
        <div class="bar" role="status">
          <p>
            <strong>{ringing.call.other.displayName}</strong> still calls. Ignored on this device; your others ring on.
          </p>
          <RingCountdown info={ringing.call.info} />
          <button type="button" class="button small accept" onClick={() => void calls.accept(ringing.call, ringing.call.info.media)}>
            Accept
          </button>
          <button type="button" class="button small danger" onClick={() => void calls.decline(ringing.call)}>
            Decline
          </button>
        </div>
      ) : null}
      {apart.map((call) => {
        const { direction, callerDeviceId, calleeDeviceId } = call.info;
        const isOurs = (direction === 'INCOMING' ? calleeDeviceId : callerDeviceId) === phone.device?.id;
        return (
          <div key={call.id} class="bar" role="status">
            <p>
              {isOurs ? (
                <>
                  This tab was reloaded during a call with <strong>{call.other.displayName}</strong>: its sound and picture are gone.
                </>
              ) : (
                <>
                  You are in a call with <strong>{call.other.displayName}</strong> on another device.
                </>
              )}
            </p>
            <button type="button" class="button small danger" onClick={() => void calls.hangUp(call)}>
              {isOurs ? 'Hang up' : 'End it there'}
            </button>
          </div>
        );
      })}
    </div>
  );
}
