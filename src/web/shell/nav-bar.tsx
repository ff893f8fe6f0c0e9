import type { JSX } from 'preact';
import { useDesk } from '../desk.js';
import { Icon, type IconName } from '../icon.js';
import type { List } from '../route.js';
import { useStore } from '../store.js';

const entries: readonly { readonly list: List; readonly label: string; readonly icon: IconName }[] = [
  { list: 'people', label: 'People', icon: 'people' },
  { list: 'history', label: 'Calls', icon: 'history' },
  { list: 'devices', label: 'Devices', icon: 'devices' },
];

/** The lists, at the left, and below the page where it is narrow; there the call has an entry of its own. */
export function NavBar(): JSX.Element {
  const { router, calls, history } = useDesk();
  const route = useStore(router);
  const live = useStore(calls.live);
  const missed = useStore(history.missed);
  return (
    <nav class="nav-bar" aria-label="Sections">
      {entries.map(({ list, label, icon }) => (
        <a
          key={list}
          class="nav-entry"
          href={`#/${list}`}
          aria-current={route.list === list ? 'page' : undefined}
          data-behind={route.call !== null}
        >
          <Icon name={icon} size={20} />
          <span>{label}</span>
          {list === 'history' && missed > 0 ? (
            <span class="badge" aria-label={`${missed} missed`}>
              {missed > 99 ? '99+' : missed}
            </span>
          ) : null}
        </a>
      ))}
      <a class="nav-entry nav-call" href={`#/${route.list}/live`} aria-current={route.call === null ? undefined : 'page'}>
        <Icon name={live === null ? 'timeline' : 'call'} size={20} />
        <span>{live === null ? 'Stage' : 'In call'}</span>
        {live === null ? null : <span class="badge live" aria-hidden="true" />}
      </a>
    </nav>
  );
}
