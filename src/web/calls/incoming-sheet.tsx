import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Call } from '../../client/index.js';
import { Avatar } from '../controls.js';
import { useDesk } from '../desk.js';
import { Icon } from '../icon.js';
import { useStore } from '../store.js';
import { RingCountdown } from './ring-countdown.js';

/** Above everything while a call rings that is not ignored here. */
export function IncomingSheet(): JSX.Element | null {
  const { calls } = useDesk();
  const ringing = useStore(calls.ringing);
  return ringing === null || ringing.isIgnored ? null : <Sheet key={ringing.call.id} call={ringing.call} />;
}

/** A modal dialog: the browser makes the page behind it inert, gives the focus back afterwards, and tells of Escape. */
function Sheet({ call }: { readonly call: Call }): JSX.Element {
  const { calls } = useDesk();
  const pending = useStore(calls.pending);
  const dialog = useRef<HTMLDialogElement>(null);
  const answer = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const { current } = dialog;
    current?.showModal();
    answer.current?.focus();
    return () => current?.close();
  }, []);
  const { displayName } = call.other;
  const isVideo = call.info.media === 'VIDEO';
  const isOpening = pending === call.id;
  const choices = [
    { media: 'VIDEO', label: 'Accept with video', icon: 'video', isFirst: isVideo },
    { media: 'AUDIO', label: isVideo ? 'Accept with audio only' : 'Accept with audio', icon: 'call', isFirst: !isVideo },
  ] as const;
  return (
    <dialog
      ref={dialog}
      class="incoming"
      aria-labelledby="incoming-title"
      onKeyDown={stayInside}
      onCancel={(event) => {
        event.preventDefault();
        calls.ignore();
      }}
    >
      <Avatar name={displayName} size={72} />
      <h2 id="incoming-title">{displayName}</h2>
      <p class="incoming-kind">
        {isVideo ? 'Incoming video call' : call.info.media === 'DATA' ? 'Incoming data call' : 'Incoming audio call'}
      </p>
      <RingCountdown info={call.info} />
      <div class="incoming-choices">
        {(isVideo ? choices : choices.toReversed()).map(({ media, label, icon, isFirst }) => (
          <button
            key={media}
            ref={isFirst ? answer : null}
            type="button"
            class={`button ${isFirst ? 'accept' : ''}`}
            aria-disabled={isOpening}
            onClick={() => void calls.accept(call, media)}
          >
            <Icon name={icon} />
            {label}
          </button>
        ))}
        <button type="button" class="button danger" onClick={() => void calls.decline(call)}>
          <Icon name="hangUp" />
          Decline
        </button>
      </div>
      <p class="incoming-keys">
        {isOpening ? (
          'Opening microphone and camera…'
        ) : (
          <>
            <kbd>Enter</kbd> accepts · <kbd>Esc</kbd> ignores on this device
          </>
        )}
      </p>
    </dialog>
  );
}

/** Tab goes round; a dialog alone would let it out to the browser's own controls. */
function stayInside(event: TargetedKeyboardEvent<HTMLDialogElement>): void {
  if (event.key !== 'Tab') return;
  const buttons = [...event.currentTarget.querySelectorAll('button')];
  const at = buttons.findIndex((button) => button === document.activeElement);
  event.preventDefault();
  buttons[(at + (event.shiftKey ? -1 : 1) + buttons.length) % buttons.length]?.focus();
}
