import { SwitchboardError } from './errors.js';
import type { SessionPartsFragment } from './gql/graphql.js';
import { post } from './http.js';
import { refreshSessionOperation } from './operations.js';
import { retrying } from './retry.js';
import type { SessionStore, StoredSession } from './session-store.js';

/** A token is not used in the last moments of its life: it would run out on its way. */
const reserveMs = 5_000;

/** Keeps one device signed in: one renewal at a time, in this page and, where the store is shared, among its tabs. */
export class SessionKeeper {
  readonly #url: string;
  readonly #store: SessionStore;
  readonly #onOver: () => void;
  #session: StoredSession | null = null;
  #renewal: Promise<void> | null = null;

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
    await this.#keep(session);
  }

  async end(): Promise<void> {
    this.#session = null;
    await this.#store.save(null);
  }

  /** A token that is good now; renews the session where it has to. Rejects with UNAUTHENTICATED where the session is over. */
  async token(): Promise<string> {
    if (this.#renewal !== null) await this.#renewal;
    const session = this.#session;
    if (session !== null && session.goodUntilMs - reserveMs < Date.now()) await this.renew(session.accessToken);
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
    if (stored !== null && stored.accessToken !== stale) {
      this.#session = stored;
      return;
    }
    const refreshToken = this.#session?.refreshToken ?? '';
    try {
      // An answer that was lost is asked for again with the same token, which the server forgives for a while.
      const { refreshSession } = await retrying(() => post(this.#url, refreshSessionOperation, { refreshToken }));
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
    this.#session = { ...session, goodUntilMs: Date.now() + lifetimeMs(session.accessToken) };
    await this.#store.save(this.#session);
  }

  async #underLock(task: () => Promise<void>): Promise<void> {
    const { lockName } = this.#store;
    const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
    if (lockName === undefined || locks === undefined) return task();
    await locks.request(`${lockName} renewal`, task);
  }
}

/** How long the server made it good for. Not `expiresAt` less the time now: this machine's clock may be wrong. */
function lifetimeMs(accessToken: string): number {
  const [, payload = ''] = accessToken.split('.');
  const { iat, exp } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as { iat: number; exp: number };
  return (exp - iat) * 1_000;
}
