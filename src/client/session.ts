import { SwitchboardError } from './errors.js';
import type { RefreshSessionMutation, SessionPartsFragment } from './gql/graphql.js';
import { post } from './http.js';
import { refreshSessionOperation } from './operations.js';
import { retrying } from './retry.js';
import type { SessionStore, StoredSession } from './session-store.js';

/** A token is not used in the last moments of its life: it would run out on its way. */
const reserveMs = 5_000;
/** A token whose answer was lost may be shown again for 20 seconds, and a second answer may be lost too. */
const renewsWithinMs = 8_000;

/** Keeps one device signed in: one renewal at a time, in this page and, where the store is shared, among its tabs. */
export class SessionKeeper {
  readonly #url: string;
  readonly #store: SessionStore;
  readonly #onOver: () => void;
  #session: StoredSession | null = null;
  #renewal: Promise<void> | null = null;
  #resting = new AbortController();

  /** `onOver` is called once for each session that ends by the server's will, and not for `end`. */
  constructor({ url, store, onOver }: { url: string; store: SessionStore; onOver: () => void }) {
    this.#url = url;
    this.#store = store;
    this.#onOver = onOver;
  }

  get current(): StoredSession | null {
    return this.#session;
  }

  /** Takes up what the store has. */
  async restore(): Promise<StoredSession | null> {
    return (this.#session = await this.#store.load());
  }

  async begin(session: SessionPartsFragment): Promise<void> {
    this.#session = stamped(session);
    await this.#store.save(this.#session);
  }

  async end(): Promise<void> {
    const ended = this.#session;
    this.#session = null;
    // Somebody may have signed in, in another tab.
    if (ended !== null && (await this.#isStored(ended))) await this.#store.save(null);
  }

  /** Gives up a renewal that waits for the network; the session stays, and the next one who wants a token tries again. */
  rest(): void {
    this.#resting.abort();
    this.#resting = new AbortController();
  }

  /** A token that is good now; renews the session where it has to. Rejects with UNAUTHENTICATED where the session is over. */
  async token(): Promise<string> {
    if (this.#renewal !== null) await this.#renewal;
    const session = this.#session;
    if (session !== null && !isGood(session)) await this.renew(session.accessToken);
    if (this.#session === null) throw new SwitchboardError('UNAUTHENTICATED', 'Nobody is signed in.');
    return this.#session.accessToken;
  }

  /** Renews the session, unless another call or tab has replaced the `stale` token already. Waits as long as there is no network. */
  renew(stale: string): Promise<void> {
    if (this.#session === null || this.#session.accessToken !== stale) return Promise.resolve();
    return (this.#renewal ??= this.#underLock(() => this.#renew(stale)).finally(() => (this.#renewal = null)));
  }

  async #renew(stale: string): Promise<void> {
    const stored = await this.#store.load();
    if (this.#session === null) return;
    // Another tab has renewed it. Not so where somebody else has signed in there: this one goes on by itself.
    if (stored?.device.id === this.#session.device.id && stored.accessToken !== stale) {
      this.#session = stored;
      if (isGood(stored)) return;
    }
    const { refreshToken } = this.#session;
    try {
      // An answer that was lost is asked for again with the same token, which the server forgives for a while.
      const renewing = (): Promise<RefreshSessionMutation> => post(this.#url, refreshSessionOperation, { refreshToken }, renewsWithinMs);
      const { refreshSession } = await retrying(renewing, this.#resting.signal);
      // Signed out meanwhile: what came is of no use.
      if (this.#session !== null) await this.#keep(refreshSession);
    } catch (error) {
      if (!(error instanceof SwitchboardError) || error.code !== 'UNAUTHENTICATED') throw error;
      if (this.#session === null) return;
      await this.end();
      this.#onOver();
    }
  }

  async #keep(session: SessionPartsFragment): Promise<void> {
    this.#session = stamped(session);
    if (await this.#isStored(session)) await this.#store.save(this.#session);
  }

  /** False where the store has the session of another device. */
  async #isStored({ device }: SessionPartsFragment): Promise<boolean> {
    const stored = await this.#store.load();
    return stored === null || stored.device.id === device.id;
  }

  async #underLock(task: () => Promise<void>): Promise<void> {
    const { lockName } = this.#store;
    const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
    if (lockName === undefined || locks === undefined) return task();
    await locks.request(`${lockName} renewal`, task);
  }
}

function stamped(session: SessionPartsFragment): StoredSession {
  return { ...session, goodUntilMs: Date.now() + lifetimeMs(session.accessToken) };
}

function isGood({ goodUntilMs }: StoredSession): boolean {
  return goodUntilMs - reserveMs > Date.now();
}

/** How long the server made it good for. Not `expiresAt` less the time now: this machine's clock may be wrong. */
function lifetimeMs(accessToken: string): number {
  const [, payload = ''] = accessToken.split('.');
  const { iat, exp } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as { iat: number; exp: number };
  return (exp - iat) * 1_000;
}
