import { useEffect, useState } from 'react';
// In a project of your own: 'switchboard/client'.
import type { Call, CallOptions, ConnectionState, Switchboard } from '../../src/client/index.js';

/** What a page shows of a device: never a call that another device of the user has answered. */
interface PhoneState {
  readonly connection: ConnectionState;
  /** It rings, and waits for `accept` or `decline`. */
  readonly incoming: Call | null;
  /** Placed here, or answered here. Its `status` and `remoteStream` are what to show. */
  readonly current: Call | null;
}

/**
 * The state of `phone`, and what a user does with it. The phone is made outside of React, one for a page: an effect that made
 * it would sign in twice in strict mode, and at each remount. The hook only listens, and stops when it is unmounted.
 */
export function useSwitchboard(phone: Switchboard) {
  const [state, setState] = useState(() => look(phone));
  useEffect(() => {
    const update = () => setState(look(phone));
    const stops = [phone.on('connection', update), phone.on('event', update), phone.on('signedOut', update)];
    // What happened between the first rendering and this effect.
    update();
    return () => stops.forEach((stop) => stop());
  }, [phone]);
  // Each rejects with what the server refused. The state follows at once, and not with the event that comes later.
  const then = <Result>(action: Promise<Result>) => action.finally(() => setState(look(phone)));
  return {
    ...state,
    call: (callee: string, options: CallOptions) => then(phone.call(callee, options)),
    accept: (call: Call, stream: MediaStream) => then(call.accept({ stream })),
    decline: (call: Call) => then(call.decline()),
    hangUp: (call: Call) => then(call.hangUp()),
  };
}

/** A new object each time: a `Call` changes in place, which React would not see. */
function look({ connectionState, calls }: Switchboard): PhoneState {
  const isRinging = (call: Call) => call.info.direction === 'INCOMING' && (call.status === 'CREATED' || call.status === 'RINGING');
  return {
    connection: connectionState,
    incoming: calls.find(isRinging) ?? null,
    current: calls.find((call) => !isRinging(call) && !call.isElsewhere) ?? null,
  };
}
