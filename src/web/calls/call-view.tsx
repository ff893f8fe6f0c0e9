import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Avatar } from '../controls.js';
import { useDesk } from '../desk.js';
import { useStore } from '../store.js';
import { CallClock } from './call-clock.js';
import { CallControls } from './call-controls.js';
import type { LiveCall, LiveView } from './live-call.js';
import { RingCountdown } from './ring-countdown.js';
import { Video } from './video.js';

/** The call that this tab is in: both pictures, how it stands, and its controls. */
export function CallView({ live }: { readonly live: LiveCall }): JSX.Element {
  const { connection } = useDesk();
  const view = useStore(live);
  const outgoing = useStore(live.outgoing);
  const { state } = useStore(connection);
  const { displayName } = live.call.other;
  const isLost = state !== 'connected';
  const section = useRef<HTMLElement>(null);
  // The button that called is of no use any more: the next Tab finds the controls of the call.
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body || document.activeElement.matches(':disabled'))
      section.current?.focus({ preventScroll: true });
  }, []);
  return (
    <section ref={section} tabIndex={-1} class="call-view" aria-label={`Call with ${displayName}`}>
      <div class="screen">
        <Video stream={live.call.remoteStream} label={`Picture of ${displayName}`} isShown={view.hasPicture} className="remote" />
        {view.hasPicture ? null : (
          <div class="screen-face">
            <Avatar name={displayName} size={88} />
            <p class="screen-name">{displayName}</p>
            <p class="screen-state" role="status">
              {stateOf(view)}
            </p>
            {view.info.status === 'ACTIVE' ? null : <RingCountdown info={view.info} />}
          </div>
        )}
        {outgoing.picture === null ? null : (
          <Video
            track={outgoing.picture}
            label={outgoing.isSharing ? 'The screen that you share' : 'Preview of your camera'}
            isShown
            isMuted
            className={`preview ${outgoing.isSharing ? 'shares' : ''}`}
          />
        )}
        <div class="screen-top">
          <span class="screen-chip">
            {displayName} <CallClock info={view.info} />
          </span>
          <MediaChip view={view} />
          <span class={`screen-chip ${isLost ? 'bad' : 'good'}`}>
            <span class="dot" aria-hidden="true" />
            Signaling <span class="chip-word">{isLost ? 'lost' : 'connected'}</span>
          </span>
        </div>
      </div>
      {isLost ? (
        <p class="call-note bad" role="status">
          {view.isLeaving
            ? 'You have left the call. The server is told as soon as it can be reached.'
            : view.media === 'connected'
              ? 'The server is out of reach, and the call goes on: sound and picture flow from device to device. It is being reconnected.'
              : 'The server is out of reach. It is being reconnected; what was sent meanwhile arrives then.'}
        </p>
      ) : null}
      {outgoing.note === null ? null : <p class="call-note">{outgoing.note}</p>}
      {view.fault === null ? null : <p class="call-note bad">{view.fault}</p>}
      <CallControls live={live} />
    </section>
  );
}

function MediaChip({ view: { media, info } }: { readonly view: LiveView }): JSX.Element | null {
  if (info.status !== 'ACTIVE' && media === null) return null;
  const tone = media === 'connected' ? 'good' : media === 'failed' || media === 'disconnected' ? 'bad' : '';
  return (
    <span class={`screen-chip ${tone}`}>
      <span class="dot" aria-hidden="true" />
      Media <span class="chip-word">{media === null || media === 'new' ? 'starting' : media}</span>
    </span>
  );
}

function stateOf({ info, media, isLeaving }: LiveView): string {
  if (isLeaving) return 'Hanging up';
  if (info.status === 'CREATED' && info.direction === 'OUTGOING') return 'Calling: none of their devices has it yet';
  if (info.status === 'RINGING' && info.direction === 'OUTGOING') return 'Ringing';
  if (info.status !== 'ACTIVE') return 'Answering';
  if (media === 'connected') return info.media === 'AUDIO' ? 'Audio call' : 'Sends no picture';
  return media === 'disconnected' || media === 'failed'
    ? 'Sound and picture are interrupted; another way is looked for'
    : 'Connecting sound and picture';
}
