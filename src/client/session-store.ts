import type { SessionPartsFragment } from './gql/graphql.js';

/**
 * A signed-in device, as it is kept: the tokens, whose they are, and until when by this machine's clock the access token is good.
 *
 * @example
 * ```ts
 * let kept: StoredSession | null = null;
 * const store: SessionStore = { load: () => kept, save: (session) => void (kept = session) };
 * ```
 */
export interface StoredSession extends SessionPartsFragment {
  readonly goodUntilMs: number;
}

/**
 * Where the session is kept. Both methods may be asynchronous, as a phone's key store is.
 *
 * @example
 * ```ts
 * const store: SessionStore = {
 *   load: () => JSON.parse(localStorage.getItem('my-session') ?? 'null'),
 *   save: (session) => localStorage.setItem('my-session', JSON.stringify(session)),
 * };
 * const phone = new Switchboard({ store });
 * ```
 */
export interface SessionStore {
  /** The session that was saved last; null where there is none, or it was signed out. */
  load(): StoredSession | null | Promise<StoredSession | null>;
  /** Null forgets it. */
  save(session: StoredSession | null): void | Promise<void>;
  /** Of a store that several tabs share: the name of the Web Lock under which one of them renews the session. */
  readonly lockName?: string;
}

/**
 * In memory: gone with the page. Each tab is a device of its own.
 *
 * @example
 * ```ts
 * const phone = new Switchboard({ store: memoryStore() });
 * ```
 */
export function memoryStore(): SessionStore {
  let kept: StoredSession | null = null;
  return { load: () => kept, save: (session) => void (kept = session) };
}

/**
 * In the browser: `localStorage`, so that all tabs are one device and the user stays signed in; or, `perTab`,
 * `sessionStorage`, which lives through a reload and makes each tab a device of its own.
 *
 * @example
 * ```ts
 * const phone = new Switchboard({ store: browserStore() });
 * if (!(await phone.resume())) await phone.signIn({ username: 'ana', password: 'correct horse' });
 * ```
 */
export function browserStore({ name = 'switchboard', perTab = false }: { name?: string; perTab?: boolean } = {}): SessionStore {
  const storage = perTab ? sessionStorage : localStorage;
  return {
    load: () => JSON.parse(storage.getItem(name) ?? 'null') as StoredSession | null,
    save: (session) => (session === null ? storage.removeItem(name) : storage.setItem(name, JSON.stringify(session))),
    ...(perTab ? {} : { lockName: name }),
  };
}
