import { useEffect, useState } from 'preact/hooks';
import { operations } from '../../client/index.js';
import { useDesk } from '../desk.js';
import type { UserInfo } from '../operation-types.js';
import { explain, otherOf } from '../phrases.js';
import { useStore } from '../store.js';

/** The server searches from so many characters on. */
export const searchFrom = 3;
const quietMs = 200;
const recentPeople = 8;
const recentCalls = 50;

export interface Found {
  readonly phase: 'idle' | 'loading' | 'ready' | 'failed';
  readonly users: readonly UserInfo[];
  readonly fault: string | null;
}

/** Who is found by the beginning of a name, a moment after the last key. `round` asks again. */
export function useSearch(search: string, round: number): Found {
  const { phone } = useDesk();
  const [found, setFound] = useState<Found>({ phase: 'idle', users: [], fault: null });
  useEffect(() => {
    let isCurrent = true;
    if (search.length < searchFrom) return setFound({ phase: 'idle', users: [], fault: null });
    setFound(({ users }) => ({ phase: 'loading', users, fault: null }));
    const timer = setTimeout(() => {
      phone.request(operations.searchUsersOperation, { search, first: 30 }).then(
        ({ users }) => isCurrent && setFound({ phase: 'ready', users, fault: null }),
        (error: unknown) => isCurrent && setFound({ phase: 'failed', users: [], fault: explain(error) }),
      );
    }, quietMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [phone, search, round]);
  return found;
}

/** Whom the user has spoken to last, the latest first; null until it is known. `round` asks again, as does a change of the history. */
export function useRecentPeople(round: number): readonly UserInfo[] | null {
  const { phone, history } = useDesk();
  const { calls: changed } = useStore(history);
  const [people, setPeople] = useState<readonly UserInfo[] | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const read = async (): Promise<UserInfo[]> => {
      const { calls } = await phone.request(operations.callsOperation, { first: recentCalls });
      const ids = [...new Set(calls.edges.map(({ node }) => otherOf(node).id))].slice(0, recentPeople);
      const answers = await Promise.all(ids.map((id) => phone.request(operations.findUserOperation, { id })));
      return answers.flatMap(({ user }) => user ?? []);
    };
    read().then(
      (found) => isCurrent && setPeople(found),
      () => isCurrent && setPeople((known) => known ?? []),
    );
    return () => void (isCurrent = false);
  }, [phone, changed, round]);
  return people;
}

/** Who of them is there, as it changes. */
export function usePresence(users: readonly UserInfo[]): ReadonlyMap<string, boolean> {
  const { phone } = useDesk();
  const [online, setOnline] = useState<ReadonlyMap<string, boolean>>(new Map());
  const ids = users
    .map(({ id }) => id)
    .toSorted()
    .join(' ');
  useEffect(() => {
    if (ids === '') return;
    return phone.subscribe(operations.presenceSubscription, { userIds: ids.split(' ') }, ({ presence }) =>
      setOnline((known) => new Map(known).set(presence.id, presence.online)),
    );
  }, [phone, ids]);
  return online;
}
