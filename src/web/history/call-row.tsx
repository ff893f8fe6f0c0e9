import type { JSX } from 'preact';
import type { CallInfo } from '../../client/index.js';
import { IconButton } from '../controls.js';
import { useDesk } from '../desk.js';
import { Icon } from '../icon.js';
import { briefOutcome, isGone, otherOf } from '../phrases.js';
import { useStore } from '../store.js';
import { duration, instant } from '../times.js';

export function CallRow({ info, isSelected }: { readonly info: CallInfo; readonly isSelected: boolean }): JSX.Element {
  const { router, calls } = useDesk();
  const pending = useStore(calls.pending);
  const live = useStore(calls.live);
  const other = otherOf(info);
  const { answeredAt, endedAt } = info;
  const lasted = answeredAt === null || endedAt === null ? null : duration(Date.parse(endedAt) - Date.parse(answeredAt));
  const icon = info.direction === 'INCOMING' ? 'incoming' : 'outgoing';
  const direction = info.direction === 'INCOMING' ? 'from' : 'to';
  return (
    <li class={`row call-row ${isSelected ? 'is-selected' : ''} ${info.missed ? 'is-missed' : ''}`}>
      <button
        type="button"
        class="row-main"
        aria-current={isSelected}
        aria-label={`Call ${direction} ${other.displayName}, ${briefOutcome(info)}, ${instant(info.createdAt)}: inspect`}
        onClick={() => router.go({ list: 'history', call: info.id })}
      >
        <span class="row-icon">
          <Icon name={icon} size={16} />
        </span>
        <span class="row-text">
          <strong>{other.displayName}</strong>
          <small>
            {briefOutcome(info)}
            {lasted === null ? '' : ` · ${lasted}`}
          </small>
        </span>
        <time class="row-time" dateTime={info.createdAt}>
          {instant(info.createdAt)}
        </time>
      </button>
      <IconButton
        label={`Call ${other.displayName} again`}
        icon={info.media === 'VIDEO' ? 'video' : 'call'}
        isDisabled={pending !== null || live !== null || isGone(other)}
        onClick={() => void calls.call(other, info.media === 'VIDEO' ? 'VIDEO' : 'AUDIO')}
      />
    </li>
  );
}
