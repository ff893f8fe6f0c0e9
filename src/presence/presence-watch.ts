import type { Bus } from '../bus/bus.js';
import { count } from '../count.js';
import type { Logger } from '../logger.js';
import type { PresenceRepository } from './presence.repository.js';
import type { PresenceService } from './presence.service.js';

const lookEveryMs = 1_000;

/** The users that one subscriber watches, what it was told last, and what waits to be told. */
class Watcher implements AsyncIterableIterator<string> {
  readonly viewerId: string;
  readonly pairs: ReadonlyMap<string, string>;
  readonly #left: (watcher: Watcher) => void;
  readonly #told = new Map<string, boolean>();
  /** One entry a user at most: a state that nobody read is replaced by a newer one. */
  readonly #waiting = new Set<string>();
  #resolve: ((result: IteratorResult<string, undefined>) => void) | null = null;
  #ended = false;

  constructor(viewerId: string, userIds: readonly string[], left: (watcher: Watcher) => void) {
    this.viewerId = viewerId;
    this.pairs = new Map(userIds.map((userId) => [`${viewerId} ${userId}`, userId]));
    this.#left = left;
  }

  see(online: ReadonlySet<string>): void {
    for (const [pair, userId] of this.pairs) {
      const state = online.has(pair);
      if (this.#told.get(userId) === state) continue;
      this.#told.set(userId, state);
      this.#waiting.add(userId);
    }
    const next = this.#resolve === null ? undefined : this.#take();
    if (next === undefined) return;
    this.#resolve?.({ value: next, done: false });
    this.#resolve = null;
  }

  next(): Promise<IteratorResult<string, undefined>> {
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    const next = this.#take();
    if (next !== undefined) return Promise.resolve({ value: next, done: false });
    return new Promise((resolve) => (this.#resolve = resolve));
  }

  return(): Promise<IteratorResult<string, undefined>> {
    if (!this.#ended) this.#left(this);
    this.#ended = true;
    this.#resolve?.({ value: undefined, done: true });
    this.#resolve = null;
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): string | undefined {
    for (const userId of this.#waiting) {
      this.#waiting.delete(userId);
      return userId;
    }
    return undefined;
  }
}

/** Streams of who is online: the state of each at once, then each change, from any node. One look a second covers what no hint told. */
export class PresenceWatch {
  readonly #presence: Pick<PresenceRepository, 'onlineTo'>;
  readonly #logger: Logger;
  readonly #watchers = new Set<Watcher>();
  readonly #watched = new Map<string, number>();
  readonly #unhook: (() => void)[];
  #timer: NodeJS.Timeout | null = null;
  #looking = false;
  #again = false;

  constructor(parts: {
    presence: Pick<PresenceRepository, 'onlineTo'>;
    local: Pick<PresenceService, 'onChanged'>;
    bus: Bus;
    logger: Logger;
  }) {
    this.#presence = parts.presence;
    this.#logger = parts.logger;
    const look = (): void => void this.#look();
    this.#unhook = [parts.local.onChanged(look), parts.bus.listen(look, look)];
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), lookEveryMs);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const unhook of this.#unhook) unhook();
    for (const watcher of this.#watchers) void watcher.return();
  }

  /** Gives the id of a user whenever the state to tell of them is new. */
  async watch(viewerId: string, userIds: readonly string[]): Promise<AsyncIterableIterator<string>> {
    const watcher = new Watcher(viewerId, userIds, (gone) => this.#leave(gone));
    count(this.#watched, viewerId, watcher.pairs.size);
    try {
      watcher.see(await this.#presence.onlineTo([...watcher.pairs.keys()]));
    } catch (error) {
      this.#leave(watcher);
      throw error;
    }
    this.#watchers.add(watcher);
    return watcher;
  }

  /** How many users that viewer watches, whoever is in two subscriptions counted twice. */
  watchedBy(viewerId: string): number {
    return this.#watched.get(viewerId) ?? 0;
  }

  #leave(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    count(this.#watched, watcher.viewerId, -watcher.pairs.size);
  }

  async #look(): Promise<void> {
    if (this.#watchers.size === 0) return;
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    try {
      do {
        this.#again = false;
        const watchers = [...this.#watchers];
        const online = await this.#presence.onlineTo([...new Set(watchers.flatMap(({ pairs }) => [...pairs.keys()]))]);
        for (const watcher of watchers) watcher.see(online);
      } while (this.#again);
    } catch (error) {
      this.#logger.warn({ err: error }, 'who is online could not be looked up this time');
    } finally {
      this.#looking = false;
    }
  }
}
