import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Failure, LoadingRows, Placeholder } from '../controls.js';
import { useDesk } from '../desk.js';
import { useStore } from '../store.js';
import { CallRow } from './call-row.js';
import { historyFilters, type HistoryView } from './history-book.js';

const filterNames = { all: 'All', missed: 'Missed', incoming: 'Incoming', outgoing: 'Outgoing' } as const;
const nothing = {
  all: 'No calls yet',
  missed: 'No missed calls',
  incoming: 'Nobody has called yet',
  outgoing: 'You have called nobody yet',
} as const;

/** The calls of the user; to look at the list is to have seen what was missed. */
export function HistoryPane(): JSX.Element {
  const { history, router } = useDesk();
  const view = useStore(history);
  const missed = useStore(history.missed);
  const { call } = useStore(router);
  useEffect(() => {
    if (view.phase !== 'ready' || missed === 0 || document.visibilityState !== 'visible') return;
    // Where it fails the badge stays, and the next look tries again.
    if (view.filter === 'all' || view.filter === 'missed') void history.seen().catch(() => undefined);
  }, [history, view, missed]);
  return (
    <>
      <div class="pane-head">
        <div class="segments" role="group" aria-label="Which calls">
          {historyFilters.map((filter) => (
            <button key={filter} type="button" aria-pressed={view.filter === filter} onClick={() => void history.show(filter)}>
              {filterNames[filter]}
            </button>
          ))}
        </div>
      </div>
      <div class="pane-body">
        {view.phase === 'loading' ? <LoadingRows /> : null}
        {view.phase === 'failed' ? <Failure text={view.fault ?? ''} onRetry={() => void history.refresh()} /> : null}
        {view.phase === 'ready' && view.calls.length === 0 ? <Placeholder icon="history" title={nothing[view.filter]} /> : null}
        {view.calls.length === 0 ? null : (
          <ul class="rows">
            {view.calls.map((info) => (
              <CallRow key={info.id} info={info} isSelected={call === info.id} />
            ))}
          </ul>
        )}
        <More view={view} onMore={() => void history.more()} />
      </div>
    </>
  );
}

/** Read when it comes into sight, and by hand. */
function More({ view, onMore }: { readonly view: HistoryView; readonly onMore: () => void }): JSX.Element | null {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const { current } = button;
    if (current === null) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && onMore());
    observer.observe(current);
    return () => observer.disconnect();
  });
  if (!view.hasMore) return null;
  return (
    <button ref={button} type="button" class="button wide more" disabled={view.phase === 'more'} onClick={onMore}>
      {view.phase === 'more' ? 'Loading…' : 'More'}
    </button>
  );
}
