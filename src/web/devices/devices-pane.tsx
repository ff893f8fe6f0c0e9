import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { operations } from '../../client/index.js';
import { Failure, LoadingRows } from '../controls.js';
import { useDesk } from '../desk.js';
import { Icon } from '../icon.js';
import type { DeviceInfo, UserInfo } from '../operation-types.js';
import { explain } from '../phrases.js';
import { PersonRow } from '../people/person-row.js';
import { SecondTabLink } from '../shell/second-tab.js';
import { instant } from '../times.js';
import { DeleteAccount } from './delete-account.js';

interface Account {
  readonly devices: readonly DeviceInfo[];
  readonly blocked: readonly UserInfo[];
}

/** Where the user is signed in, whom they have blocked, and the end of it all. */
export function DevicesPane(): JSX.Element {
  const { phone } = useDesk();
  const [account, setAccount] = useState<Account | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const again = (): void => setRound(round + 1);
  useEffect(() => {
    let isCurrent = true;
    Promise.all([phone.request(operations.devicesOperation, {}), phone.request(operations.blockedUsersOperation, {})]).then(
      ([{ devices }, { blockedUsers }]) => {
        if (!isCurrent) return;
        setFault(null);
        setAccount({ devices, blocked: blockedUsers });
      },
      (error: unknown) => isCurrent && setFault(explain(error)),
    );
    return () => void (isCurrent = false);
  }, [phone, round]);
  return (
    <>
      <div class="pane-head pane-head-line">
        <h2>Your devices</h2>
        <button type="button" class="button small" onClick={again}>
          <Icon name="refresh" size={14} />
          Refresh
        </button>
      </div>
      <div class="pane-body">
        {fault === null ? null : <Failure text={fault} onRetry={again} />}
        {account === null && fault === null ? <LoadingRows count={3} /> : null}
        <ul class="rows">
          {account?.devices.map((device) => (
            <DeviceRow key={device.id} device={device} onGone={again} />
          ))}
        </ul>
        <div class="pane-note stacked">
          <p>Each tab that signs in is a device of its own: all of them ring, and one answers.</p>
          <SecondTabLink />
        </div>
        {account === null || account.blocked.length === 0 ? null : (
          <>
            <h2 class="pane-title">Blocked</h2>
            <ul class="rows">
              {account.blocked.map((user) => (
                <PersonRow key={user.id} user={user} isOnline={user.online} onChange={again} />
              ))}
            </ul>
          </>
        )}
        <DeleteAccount />
      </div>
    </>
  );
}

/** Asks twice before it signs a device out: a call of that device would end. */
function DeviceRow({ device, onGone }: { readonly device: DeviceInfo; readonly onGone: () => void }): JSX.Element {
  const { phone, notices } = useDesk();
  const [isAsking, ask] = useState(false);
  const revoke = async (): Promise<void> => {
    try {
      await phone.request(operations.revokeDeviceOperation, { id: device.id });
      notices.say(`${device.name} is signed out.`);
    } catch (error) {
      notices.say(explain(error), { tone: 'bad' });
    }
    onGone();
  };
  return (
    <li class="row">
      <span class={`device-icon ${device.online ? 'online' : ''}`}>
        <Icon name="devices" size={18} />
      </span>
      <span class="row-text">
        <strong>
          {device.name}
          {device.current ? <span class="tag">this tab</span> : null}
        </strong>
        <small>
          {device.online ? 'connected' : `last seen ${instant(device.lastSeenAt)}`} · since {instant(device.createdAt)}
        </small>
      </span>
      {device.current ? null : isAsking ? (
        <span class="row-actions">
          <button type="button" class="button small" onClick={() => ask(false)}>
            Keep
          </button>
          <button type="button" class="button small danger" onClick={() => void revoke()}>
            Sign out
          </button>
        </span>
      ) : (
        <button type="button" class="button small" aria-label={`Sign out ${device.name}`} onClick={() => ask(true)}>
          Sign out…
        </button>
      )}
    </li>
  );
}
