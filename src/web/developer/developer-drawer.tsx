import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { IconButton, Placeholder } from '../controls.js';
import { useDesk } from '../desk.js';
import { useStore } from '../store.js';
import { FaultsPanel } from './faults-panel.js';
import { LogLine } from './log-line.js';

/** What the device is told, raw, for who writes a client; and the faults that can be made to happen. */
export function DeveloperDrawer({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { phone, log } = useDesk();
  const entries = useStore(log);
  const [isFollowing, follow] = useState(true);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (isFollowing) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [entries, isFollowing]);
  return (
    <aside class="drawer" aria-label="Developer" onKeyDown={(event) => event.key === 'Escape' && onClose()}>
      <div class="drawer-head">
        <h2>Developer</h2>
        <IconButton label="Close the drawer" icon="close" onClick={onClose} />
      </div>
      <FaultsPanel />
      <div class="log-head">
        <h3>
          Inbox <span class="count">{entries.length}</span>
        </h3>
        <label class="check">
          <input type="checkbox" checked={isFollowing} onChange={(event) => follow(event.currentTarget.checked)} />
          Follow
        </label>
        <button type="button" class="button small" onClick={() => log.clear()}>
          Clear
        </button>
      </div>
      <p class="cursor">
        <span>Cursor</span> <code>{phone.cursor ?? 'none yet'}</code>
      </p>
      {entries.length === 0 ? (
        <Placeholder icon="code" title="Nothing was told yet">
          Each event of the inbox appears here, the last 200 of them.
        </Placeholder>
      ) : (
        <ol ref={list} class="log" tabIndex={0} aria-label="Events">
          {entries.map((entry) => (
            <LogLine key={entry.n} entry={entry} />
          ))}
        </ol>
      )}
    </aside>
  );
}
