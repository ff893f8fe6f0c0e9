import type { Logger } from '../logger.js';
import type { Cursor } from './cursor.js';
import type { InboxRepository } from './inbox.repository.js';
import type { Inbox, InboxEvent, InboxPage, Reader, StreamItem } from './inbox.js';
import { decideStart } from './resume.js';
import { Subscriber, type SubscriberHost } from './subscriber.js';
import { pageRows } from './inbox.repository.js';

const pollIntervalMs = 1_000;
const readersPerStatement = 500;

/** The inbox over its table: who listens on this node, one batched catch-up for all that are behind, one poll for news that got lost. */
export class PostgresInbox implements Inbox, SubscriberHost {
  readonly #repository: InboxRepository;
  readonly #logger: Logger;
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  readonly #behind = new Set<Subscriber>();
  #catchingUp = false;
  #poll: NodeJS.Timeout | null = null;

  constructor({ repository, logger }: { repository: InboxRepository; logger: Logger }) {
    this.#repository = repository;
    this.#logger = logger;
  }

  start(): void {
    this.#schedulePoll();
  }

  stop(): void {
    if (this.#poll !== null) clearTimeout(this.#poll);
    this.#poll = null;
    for (const subscriber of [...this.#subscribers.values()].flatMap((group) => [...group])) void subscriber.return();
  }

  async open(reader: Reader, after: Cursor | null): Promise<AsyncIterableIterator<StreamItem>> {
    const subscriber = new Subscriber(reader, this);
    const group = this.#subscribers.get(reader.userId);
    if (group === undefined) this.#subscribers.set(reader.userId, new Set([subscriber]));
    else group.add(subscriber);
    try {
      await this.#begin(subscriber, after);
    } catch (error) {
      await subscriber.return();
      throw error;
    }
    return subscriber;
  }

  async page({ userId, deviceId }: Reader, after: Cursor | null, first: number): Promise<InboxPage> {
    const { position, recovered } = decideStart(await this.#repository.state(userId, after), after);
    const [page] = await this.#repository.catchUp([{ userId, seq: position.seq, rows: first }]);
    const rows = dense(page?.events ?? [], position.seq);
    const last = rows.at(-1) ?? position;
    return {
      events: rows.filter((event) => event.deviceId === null || event.deviceId === deviceId),
      position: { seq: last.seq, at: last.at },
      recovered,
      hasMore: page !== undefined && page.head.seq > last.seq,
    };
  }

  handOver(events: readonly InboxEvent[]): void {
    for (const event of events) {
      const group = this.#subscribers.get(event.userId);
      if (group !== undefined) for (const subscriber of group) subscriber.offer(event);
    }
  }

  isOpen(userId: string, deviceId: string | null): boolean {
    const group = this.#subscribers.get(userId);
    if (group === undefined) return false;
    return deviceId === null || [...group].some((subscriber) => subscriber.reader.deviceId === deviceId);
  }

  wantsPage(subscriber: Subscriber): void {
    this.#behind.add(subscriber);
    if (!this.#catchingUp) {
      this.#catchingUp = true;
      // All that fall behind in this turn are read by one statement.
      setImmediate(() => void this.#catchUp());
    }
  }

  wantsStart(subscriber: Subscriber): void {
    this.#begin(subscriber, null, false).catch(() => subscriber.readFailed());
  }

  left(subscriber: Subscriber): void {
    this.#behind.delete(subscriber);
    const group = this.#subscribers.get(subscriber.reader.userId);
    group?.delete(subscriber);
    if (group?.size === 0) this.#subscribers.delete(subscriber.reader.userId);
  }

  async #begin(subscriber: Subscriber, after: Cursor | null, recoverable = true): Promise<void> {
    const state = await this.#repository.state(subscriber.reader.userId, after);
    const start = decideStart(state, after);
    subscriber.begin(recoverable ? start : { ...start, recovered: false });
    subscriber.hear(state.head.seq);
  }

  async #catchUp(): Promise<void> {
    while (this.#behind.size > 0) {
      const batch = [...this.#behind].slice(0, readersPerStatement);
      for (const subscriber of batch) this.#behind.delete(subscriber);
      const asked = batch.map((subscriber) => subscriber.seq);
      try {
        const pages = await this.#repository.catchUp(batch.map(({ reader, seq }) => ({ userId: reader.userId, seq, rows: pageRows })));
        pages.forEach((page, position) => batch[position]?.takePage(asked[position] ?? 0, page));
      } catch (error) {
        this.#logger.warn({ err: error, readers: batch.length }, 'a catch-up failed; the next poll asks again');
        for (const subscriber of batch) subscriber.readFailed();
      }
    }
    this.#catchingUp = false;
  }

  #schedulePoll(): void {
    this.#poll = setTimeout(() => {
      this.#look()
        .catch(() => undefined)
        .finally(() => {
          if (this.#poll !== null) this.#schedulePoll();
        });
    }, pollIntervalMs);
  }

  /** Finds what no hand-over told: events of other nodes, and those whose telling got lost. */
  async #look(): Promise<void> {
    const before = new Map(
      [...this.#subscribers.values()].flatMap((group) => [...group].map((subscriber) => [subscriber, subscriber.seq] as const)),
    );
    if (before.size === 0) return;
    for (const { userId, seq } of await this.#repository.heads([...this.#subscribers.keys()])) {
      for (const subscriber of this.#subscribers.get(userId) ?? []) {
        // Behind where it already was: a restored database, or another one.
        if (seq < (before.get(subscriber) ?? -1)) subscriber.lost();
        else subscriber.hear(seq);
      }
    }
  }
}

/** The rows that follow `seq` without a hole. Retention takes the oldest rows, so a hole is an inbox that lost its beginning meanwhile. */
function dense(events: readonly InboxEvent[], seq: number): readonly InboxEvent[] {
  const hole = events.findIndex((event, index) => event.seq !== seq + 1 + index);
  return hole < 0 ? events : events.slice(0, hole);
}
