import type { JSX } from 'preact';
import type { CallInfo } from '../../client/index.js';
import { Avatar } from '../controls.js';
import { useDesk } from '../desk.js';
import { isGone, otherOf, outcomeOf } from '../phrases.js';
import { useStore } from '../store.js';
import { duration } from '../times.js';

/** How the last call ended, in words, and the way back to it. */
export function OverCard({ info }: { readonly info: CallInfo }): JSX.Element {
  const { calls, phone } = useDesk();
  const pending = useStore(calls.pending);
  const other = otherOf(info);
  const lasted = info.answeredAt === null || info.endedAt === null ? null : Date.parse(info.endedAt) - Date.parse(info.answeredAt);
  const again = (media: 'AUDIO' | 'VIDEO'): void => void calls.call(other, media);
  return (
    <section class="card over-card" aria-label="The last call">
      <Avatar name={other.displayName} size={44} />
      <div class="over-text">
        <h2>{outcomeOf(info, phone.user?.id ?? null)}</h2>
        <p>
          {lasted === null
            ? `The call with ${other.displayName} was not answered.`
            : `You spoke with ${other.displayName} for ${duration(lasted)}.`}
        </p>
      </div>
      <div class="over-actions">
        <button
          type="button"
          class="button primary"
          disabled={pending !== null || isGone(other)}
          onClick={() => again(info.media === 'VIDEO' ? 'VIDEO' : 'AUDIO')}
        >
          Call again
        </button>
        <button type="button" class="button" onClick={() => calls.over.set(null)}>
          Close
        </button>
      </div>
    </section>
  );
}
