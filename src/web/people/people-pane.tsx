import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Failure, LoadingRows, Placeholder } from '../controls.js';
import { Icon } from '../icon.js';
import type { UserInfo } from '../operation-types.js';
import { SecondTabLink } from '../shell/second-tab.js';
import { PersonRow } from './person-row.js';
import { searchFrom, usePresence, useRecentPeople, useSearch, type Found } from './use-people.js';

/** The directory: who is found, or whom the user has spoken to last. */
export function PeoplePane(): JSX.Element {
  const [text, setText] = useState('');
  const [round, setRound] = useState(0);
  const search = text.trim();
  const found = useSearch(search, round);
  const recent = useRecentPeople(round);
  const isSearching = found.phase !== 'idle';
  const shown = isSearching ? found.users : (recent ?? []);
  const online = usePresence(shown);
  const again = (): void => setRound(round + 1);
  const rows = shown.map((user) => <PersonRow key={user.id} user={user} isOnline={online.get(user.id) ?? user.online} onChange={again} />);
  return (
    <>
      <div class="pane-head">
        <label class="search">
          <Icon name="search" size={16} />
          <input
            type="search"
            placeholder="Search people"
            aria-label="Search people by name"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
      </div>
      <div class="pane-body">
        {rows.length > 0 ? <h2 class="pane-title">{isSearching ? 'Found' : 'Recent'}</h2> : null}
        {search !== '' && search.length < searchFrom ? <p class="pane-note">Type at least {searchFrom} characters.</p> : null}
        {rows.length > 0 ? <ul class="rows">{rows}</ul> : null}
        {rows.length > 0 ? null : isSearching ? (
          <NobodyFound found={found} search={search} onRetry={again} />
        ) : (
          <NobodyYet recent={recent} />
        )}
      </div>
    </>
  );
}

function NobodyFound({
  found,
  search,
  onRetry,
}: {
  readonly found: Found;
  readonly search: string;
  readonly onRetry: () => void;
}): JSX.Element {
  if (found.phase === 'loading') return <LoadingRows count={3} />;
  if (found.phase === 'failed') return <Failure text={found.fault ?? ''} onRetry={onRetry} />;
  return (
    <Placeholder icon="search" title="Nobody found">
      No name begins with “{search}”.
    </Placeholder>
  );
}

function NobodyYet({ recent }: { readonly recent: readonly UserInfo[] | null }): JSX.Element {
  if (recent === null) return <LoadingRows count={3} />;
  return (
    <Placeholder icon="people" title="No calls yet">
      <p>Search for somebody by the beginning of their name. For a second party, open another tab and make an account there.</p>
      <span class="only-narrow">
        <SecondTabLink />
      </span>
    </Placeholder>
  );
}
