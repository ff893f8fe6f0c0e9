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

/** Longer than a page that is reloaded takes to let go of its lock. */
const claimsWithinMs = 1_000;

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
  if (perTab) return tabStore(name);
  return { ...storeIn(localStorage, name), lockName: name };
}

/** A tab that is duplicated takes a copy of the session with it: the first tab has it, and the copy is forgotten. */
function tabStore(name: string): SessionStore {
  const { load, save } = storeIn(sessionStorage, name);
  const claims = new Map<string, Promise<boolean>>();
  const claim = (deviceId: string): Promise<boolean> => {
    const held = claims.get(deviceId) ?? holdForPage(`${name} ${deviceId}`);
    claims.set(deviceId, held);
    return held;
  };
  return {
    load: async () => {
      const stored = load();
      if (stored === null || (await claim(stored.device.id))) return stored;
      save(null);
      return null;
    },
    save: (session) => {
      save(session);
      if (session !== null) void claim(session.device.id);
    },
  };
}

/** Whether this page has the Web Lock of that name, from now until it is left. Where there are no locks it has. */
function holdForPage(lockName: string): Promise<boolean> {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    locks
      .request(lockName, { signal: AbortSignal.timeout(claimsWithinMs) }, () => {
        resolve(true);
        return new Promise(() => undefined);
      })
      .catch(() => resolve(false));
  });
}

function storeIn(storage: Storage, name: string) {
  return {
    load: (): StoredSession | null => {
      try {
        return JSON.parse(storage.getItem(name) ?? 'null') as StoredSession | null;
      } catch {
        // Written by something else, or cut: nobody is signed in.
        return null;
      }
    },
    save: (session: StoredSession | null) => (session === null ? storage.removeItem(name) : storage.setItem(name, JSON.stringify(session))),
  };
}
