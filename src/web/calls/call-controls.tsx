import type { JSX } from 'preact';
import { IconButton } from '../controls.js';
import { useDesk } from '../desk.js';
import { explain } from '../phrases.js';
import { useStore } from '../store.js';
import type { LiveCall } from './live-call.js';

/** Microphone, camera, screen, and the end. */
export function CallControls({ live }: { readonly live: LiveCall }): JSX.Element {
  const { calls, notices } = useDesk();
  const { media, info, isLeaving } = useStore(live);
  const { picture, hasMicrophone, isMuted, isSharing } = useStore(live.outgoing);
  // Before the first round of a negotiation the side that answers has nothing to change yet.
  const canChange = !isLeaving && (info.direction === 'OUTGOING' || media === 'connected');
  const hasCameraOn = picture !== null && !isSharing;
  const attempt = (task: () => Promise<void>) => (): void => {
    task().catch((error: unknown) => notices.say(explain(error), { tone: 'bad' }));
  };
  return (
    <div class="call-controls" role="toolbar" aria-label="Call">
      <IconButton
        label={hasMicrophone ? (isMuted ? 'Unmute microphone' : 'Mute microphone') : 'No microphone'}
        icon={isMuted || !hasMicrophone ? 'micOff' : 'mic'}
        isPressed={isMuted}
        isDisabled={!hasMicrophone}
        onClick={() => live.outgoing.toggleMicrophone()}
      />
      <IconButton
        label={isSharing ? 'Camera is paused while you share' : hasCameraOn ? 'Turn camera off' : 'Turn camera on'}
        icon={hasCameraOn ? 'video' : 'videoOff'}
        isPressed={!hasCameraOn && !isSharing}
        isDisabled={!canChange || isSharing}
        onClick={attempt(() => live.outgoing.toggleCamera())}
      />
      <IconButton
        label={isSharing ? 'Stop sharing' : 'Share screen'}
        icon="screen"
        isPressed={isSharing}
        isDisabled={!canChange}
        onClick={attempt(() => live.outgoing.toggleScreen())}
      />
      <button type="button" class="button danger hang-up" disabled={isLeaving} onClick={() => void calls.hangUp(live.call)}>
        {info.status === 'ACTIVE' ? 'Hang up' : 'Cancel'}
      </button>
    </div>
  );
}
