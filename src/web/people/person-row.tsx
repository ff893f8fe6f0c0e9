import type { JSX } from 'preact';
import { operations } from '../../client/index.js';
import { Avatar, IconButton } from '../controls.js';
import { useDesk } from '../desk.js';
import type { UserInfo } from '../operation-types.js';
import { explain } from '../phrases.js';
import { useStore } from '../store.js';

interface PersonRowProps {
  readonly user: UserInfo;
  readonly isOnline: boolean;
  /** They were blocked or unblocked. */
  readonly onChange: () => void;
}

export function PersonRow({ user, isOnline, onChange }: PersonRowProps): JSX.Element {
  const { phone, calls, notices } = useDesk();
  const pending = useStore(calls.pending);
  const live = useStore(calls.live);
  const isSelf = user.id === phone.user?.id;
  const cannotCall = user.blocked || isSelf || pending !== null || live !== null;
  const setBlocked = async (): Promise<void> => {
    const { id } = user;
    try {
      await (user.blocked ? phone.request(operations.unblockUserOperation, { id }) : phone.request(operations.blockUserOperation, { id }));
      notices.say(user.blocked ? `${user.username} can call you again.` : `${user.username} is blocked: their calls reach you no more.`);
      onChange();
    } catch (error) {
      notices.say(explain(error), { tone: 'bad' });
    }
  };
  return (
    <li class={`row ${user.blocked ? 'is-blocked' : ''}`}>
      <Avatar name={user.displayName} isOnline={isOnline} />
      <span class="row-text">
        <strong>{user.displayName}</strong>
        <small>
          @{user.username} ·{' '}
          {isSelf ? 'you' : user.blocked ? 'blocked' : pending === user.id ? 'calling…' : isOnline ? 'online' : 'offline'}
        </small>
      </span>
      <span class="row-actions">
        {user.blocked || isSelf ? null : (
          <>
            <IconButton
              label={`Call ${user.username}, audio`}
              icon="call"
              isDisabled={cannotCall}
              onClick={() => void calls.call(user, 'AUDIO')}
            />
            <IconButton
              label={`Call ${user.username}, video`}
              icon="video"
              isDisabled={cannotCall}
              onClick={() => void calls.call(user, 'VIDEO')}
            />
          </>
        )}
        {isSelf ? null : (
          <IconButton
            label={user.blocked ? `Unblock ${user.username}` : `Block ${user.username}`}
            icon="block"
            isPressed={user.blocked}
            tone={user.blocked ? 'bad' : 'plain'}
            onClick={() => void setBlocked()}
          />
        )}
      </span>
    </li>
  );
}
