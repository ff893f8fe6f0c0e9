import { randomUUID } from 'node:crypto';
import type { Logger } from '../logger.js';
import type { Bus } from './bus.js';

/** A Postgres notification may have at most 8,000 bytes: this many ids and the node's own. */
const idsPerHint = 200;
const mostQueued = 10_000;
const reconnectMs = 1_000;

/**
 * How hints leave and arrive: short texts to all nodes. It may lose any of them. What cannot be sent within seconds has
 * to reject, or nothing is sent any more.
 */
export interface Channel {
  send(text: string): Promise<void>;
  /**
   * Gives all that is sent to `heard`, the node's own too. Calls `lost` once when that ends, unless it was released;
   * rejects where it cannot be had. Returns what releases it.
   */
  listen(heard: (text: string) => void, lost: () => void): Promise<() => Promise<void>>;
}

/** What is counted of hints; one has up to 200 users. */
export interface BusObserver {
  /** `unsent`: the channel did not take it; `dropped`: too many were waiting; `heard`: from another node. */
  hint(fate: 'sent' | 'unsent' | 'dropped' | 'heard'): void;
}

/**
 * Hints over a channel: ids only, coalesced while one is on its way, and a listener that comes back by itself. A node that
 * is alone tells nothing: one that comes says so with an empty hint, and whoever hears a first one answers alike.
 */
export class HintBus implements Bus {
  readonly #channel: Channel;
  readonly #logger: Logger;
  readonly #observer: BusObserver;
  readonly #self = randomUUID();
  readonly #queued = new Set<string>();
  readonly #listeners = new Set<{ onNews: (userIds: readonly string[]) => void; onGap: () => void }>();
  #sending = false;
  #isAway = false;
  #hasCompany = false;
  #stopped = false;
  #retry: NodeJS.Timeout | null = null;
  #release: (() => Promise<void>) | null = null;
  #connecting: Promise<void> | null = null;

  constructor({ channel, logger, observer }: { channel: Channel; logger: Logger; observer: BusObserver }) {
    this.#channel = channel;
    this.#logger = logger;
    this.#observer = observer;
  }

  /** Whether news of other nodes can be heard at this moment. */
  get isListening(): boolean {
    return this.#release !== null;
  }

  /** Resolves when it listens, or knows that it cannot yet. */
  async start(): Promise<void> {
    await this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    // A connection that comes after this would be nobody's, and who owns it would wait for it.
    await this.#connecting;
    await this.#release?.();
  }

  announce(userIds: Iterable<string>): void {
    if (!this.#hasCompany) return;
    for (const userId of userIds) this.#queued.add(userId);
    // More than this is a bus that cannot keep up: the readers' own look finds the rest.
    if (this.#queued.size > mostQueued) {
      this.#observer.hint('dropped');
      this.#queued.clear();
    }
    if (this.#queued.size === 0 || this.#sending) return;
    this.#sending = true;
    setImmediate(() => void this.#send());
  }

  listen(onNews: (userIds: readonly string[]) => void, onGap: () => void): () => void {
    const listener = { onNews, onGap };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async #send(): Promise<void> {
    while (this.#queued.size > 0 && !this.#stopped) {
      const batch = [...this.#queued].slice(0, idsPerHint);
      for (const userId of batch) this.#queued.delete(userId);
      await this.#tell(batch);
    }
    this.#sending = false;
  }

  async #tell(userIds: readonly string[]): Promise<void> {
    try {
      await this.#channel.send([this.#self, ...userIds].join(' '));
      this.#observer.hint('sent');
    } catch (error) {
      this.#observer.hint('unsent');
      this.#logger.debug({ err: error }, 'other nodes could not be told of news');
    }
  }

  #connect(): Promise<void> {
    return (this.#connecting = this.#listenOnce().finally(() => (this.#connecting = null)));
  }

  async #listenOnce(): Promise<void> {
    try {
      this.#release = await this.#channel.listen(
        (text) => this.#heard(text),
        () => this.#lost(),
      );
      if (this.#isAway) this.#logger.info('news of other nodes is heard again');
      this.#isAway = false;
      await this.#tell([]);
      for (const { onGap } of this.#listeners) onGap();
    } catch (error) {
      this.#lost(error);
    }
  }

  #heard(text: string): void {
    const [sender, ...userIds] = text.split(' ');
    if (sender === this.#self) return;
    if (!this.#hasCompany) {
      this.#hasCompany = true;
      void this.#tell([]);
    }
    if (userIds.length === 0) return;
    this.#observer.hint('heard');
    for (const { onNews } of this.#listeners) onNews(userIds);
  }

  #lost(error?: unknown): void {
    this.#release = null;
    if (this.#stopped) return;
    if (!this.#isAway) this.#logger.warn({ err: error }, 'news of other nodes is not heard: it comes up to a second late');
    this.#isAway = true;
    this.#retry = setTimeout(() => void this.#connect(), reconnectMs);
  }
}
