import type { JSX } from 'preact';
import { IconButton } from '../controls.js';
import { useDesk } from '../desk.js';
import { useStore } from '../store.js';

export function NoticeList(): JSX.Element {
  const { notices } = useDesk();
  const list = useStore(notices.list);
  return (
    <div class="notices" role="status" aria-live="polite">
      {list.map(({ id, text, tone, action }) => (
        <div key={id} class={`notice ${tone}`}>
          <p>{text}</p>
          {action === null ? null : (
            <button
              type="button"
              class="button small"
              onClick={() => {
                notices.dismiss(id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
          <IconButton label="Dismiss" icon="close" onClick={() => notices.dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
