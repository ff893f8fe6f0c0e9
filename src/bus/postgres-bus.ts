import { randomUUID } from 'node:crypto';
import type { Database, Statement } from '../db/database.js';
import type { Logger } from '../logger.js';
import type { Bus } from './bus.js';

const channel = 'switchboard_news';

/** A notification may have at most 8,000 bytes: this many ids and the node's own. */
const idsPerNotification = 200;
const mostQueued = 10_000;
const reconnectMs = 1_000;

const notify: Statement = { name: 'bus-notify', text: `SELECT pg_notify('${channel}', $1)` };

/**
 * Hints by LISTEN/NOTIFY: ids only, in a statement of their own after the commit, on a connection of their own to listen.
 * A node that is alone tells nothing: one that comes says so with an empty hint, and whoever hears a first one answers alike.
 */
export class PostgresBus implements Bus {
  readonly #database: Pick<Database, 'query' | 'listen'>;
  readonly #logger: Logger;
  readonly #self = randomUUID();
  readonly #queued = new Set<string>();
  readonly #listeners = new Set<{ onNews: (userIds: readonly string[]) => void; onGap: () => void }>();
  #sending = false;
  #hasCompany = false;
  #stopped = false;
  #retry: NodeJS.Timeout | null = null;
  #release: (() => Promise<void>) | null = null;
  #connecting: Promise<void> | null = null;

  constructor({ database, logger }: { database: Pick<Database, 'query' | 'listen'>; logger: Logger }) {
    this.#database = database;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    await this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    // A connection that comes after this would be nobody's, and the pool would wait for it.
    await this.#connecting;
    await this.#release?.();
  }

  announce(userIds: Iterable<string>): void {
    if (!this.#hasCompany) return;
    for (const userId of userIds) this.#queued.add(userId);
    // More than this is a bus that cannot keep up: the readers' own look finds the rest.
    if (this.#queued.size > mostQueued) this.#queued.clear();
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
      const batch = [...this.#queued].slice(0, idsPerNotification);
      for (const userId of batch) this.#queued.delete(userId);
      await this.#tell(batch);
    }
    this.#sending = false;
  }

  async #tell(userIds: readonly string[]): Promise<void> {
    try {
      await this.#database.query(notify, [[this.#self, ...userIds].join(' ')]);
    } catch (error) {
      this.#logger.debug({ err: error }, 'other nodes could not be told of news');
    }
  }

  #connect(): Promise<void> {
    return (this.#connecting = this.#listenOnce().finally(() => (this.#connecting = null)));
  }

  async #listenOnce(): Promise<void> {
    try {
      this.#release = await this.#database.listen(
        channel,
        (text) => this.#heard(text),
        () => this.#lost(),
      );
      await this.#tell([]);
      for (const { onGap } of this.#listeners) onGap();
    } catch (error) {
      this.#logger.debug({ err: error }, 'news of other nodes cannot be heard');
      this.#lost();
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
    for (const { onNews } of this.#listeners) onNews(userIds);
  }

  #lost(): void {
    this.#release = null;
    if (!this.#stopped) this.#retry = setTimeout(() => void this.#connect(), reconnectMs);
  }
}
