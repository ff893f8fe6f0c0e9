import type { Logger } from '../logger.js';
import { Rounds } from '../rounds.js';
import type { Bus } from '../bus/bus.js';
import type { Cursor } from './cursor.js';
import type { InboxRepository } from './inbox.repository.js';
import type { Inbox, InboxEvent, InboxPage, Reader, StreamItem, StreamStart } from './inbox.js';
import { decideStart } from './resume.js';
import { Subscriber, type SubscriberHost } from './subscriber.js';
import { pageRows } from './inbox.repository.js';

/** What is counted of the streams. */
export interface InboxObserver {
  /**
   * A stream has its start. `recovered`: where its cursor was; `not-recovered`: what followed the cursor is not kept;
   * `no-cursor`: it gave none; `lost`: it was open, and what followed its position went away before it was read.
   */
  streamStarted(how: 'recovered' | 'not-recovered' | 'no-cursor' | 'lost'): void;
  /** A stream was given an event that was written while it was open: so long after it was written. */
  delivered(ageMs: number): void;
}

const pollIntervalMs = 1_000;
const readersPerStatement = 500;

/** The inbox over its table: who listens on this node, one batched catch-up for all that are behind, one poll for news that got lost. */
export class PostgresInbox implements Inbox, SubscriberHost {
  readonly #repository: InboxRepository;
  readonly #logger: Logger;
  readonly #observer: InboxObserver;
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  readonly #behind = new Set<Subscriber>();
  readonly #bus: Bus;
  #unhook: (() => void) | null = null;
  #catchingUp = false;
  #clockAheadMs = 0;
  /** Of the hand-over or the page under way, by Postgres's clock: read once for all that it gives. */
  #givingAtMs = 0;
  readonly #poll: Rounds;

  constructor(parts: { repository: InboxRepository; bus: Bus; logger: Logger; observer: InboxObserver }) {
    const { repository, bus, logger, observer } = parts;
    this.#observer = observer;
    this.#bus = bus;
    this.#repository = repository;
    this.#logger = logger;
    this.#poll = new Rounds({ everyMs: pollIntervalMs, round: () => this.#look(), logger, what: 'news could not be looked for this time' });
  }

  start(): void {
    this.#unhook = this.#bus.listen(
      (userIds) => void this.#look(userIds.filter((userId) => this.#subscribers.has(userId))).catch(() => undefined),
      () => void this.#look().catch(() => undefined),
    );
    this.#poll.start();
  }

  stop(): void {
    this.#unhook?.();
    this.#poll.stop();
    for (const subscriber of [...this.#subscribers.values()].flatMap((group) => [...group])) void subscriber.return();
  }

  /** Streams that have not been read to the end of what is known to be there. */
  get behind(): number {
    let count = 0;
    for (const group of this.#subscribers.values()) for (const subscriber of group) if (subscriber.isBehind) count += 1;
    return count;
  }

  /** How far this node's clock is ahead of Postgres's, as of the last start of a stream. */
  get clockAheadMs(): number {
    return this.#clockAheadMs;
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
    this.#givingAtMs = Date.now() - this.#clockAheadMs;
    for (const event of events) {
      const group = this.#subscribers.get(event.userId);
      if (group !== undefined) for (const subscriber of group) subscriber.offer(event);
    }
    if (events.length > 0) this.#bus.announce(events.map(({ userId }) => userId));
  }

  async tell(deviceId: string | null, notice: object): Promise<void> {
    const all = [...this.#subscribers.values()].flatMap((group) => [...group]);
    const addressed = deviceId === null ? all : all.filter(({ reader }) => reader.deviceId === deviceId);
    await Promise.all(addressed.map((subscriber) => subscriber.tell(notice)));
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

  given(event: InboxEvent): void {
    this.#observer.delivered(Math.max(0, this.#givingAtMs - event.at / 1_000));
  }

  left(subscriber: Subscriber): void {
    this.#behind.delete(subscriber);
    const group = this.#subscribers.get(subscriber.reader.userId);
    group?.delete(subscriber);
    if (group?.size === 0) this.#subscribers.delete(subscriber.reader.userId);
  }

  async #begin(subscriber: Subscriber, after: Cursor | null, recoverable = true): Promise<void> {
    const askedAtMs = Date.now();
    const state = await this.#repository.state(subscriber.reader.userId, after);
    this.#clockAheadMs = (askedAtMs + Date.now()) / 2 - state.now / 1_000;
    const start = decideStart(state, after);
    this.#observer.streamStarted(recoverable ? howStarted(start, after) : 'lost');
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
        this.#givingAtMs = Date.now() - this.#clockAheadMs;
        pages.forEach((page, position) => batch[position]?.takePage(asked[position] ?? 0, page));
      } catch (error) {
        this.#logger.warn({ err: error, readers: batch.length }, 'a catch-up failed; the next poll asks again');
        for (const subscriber of batch) subscriber.readFailed();
      }
    }
    this.#catchingUp = false;
  }

  /** Finds what no hand-over told: events of other nodes, and those whose telling got lost. */
  async #look(userIds: readonly string[] = [...this.#subscribers.keys()]): Promise<void> {
    if (userIds.length === 0) return;
    const readers = userIds.flatMap((userId) => [...(this.#subscribers.get(userId) ?? [])]);
    const before = new Map(readers.map((subscriber) => [subscriber, subscriber.seq]));
    for (const { userId, seq } of await this.#repository.heads(userIds)) {
      for (const subscriber of this.#subscribers.get(userId) ?? []) {
        // Behind where it already was: a restored database, or another one.
        if (seq < (before.get(subscriber) ?? -1)) subscriber.lost();
        else subscriber.hear(seq);
      }
    }
  }
}

function howStarted({ recovered }: StreamStart, after: Cursor | null) {
  if (after === null) return 'no-cursor';
  return recovered ? 'recovered' : 'not-recovered';
}

/** The rows that follow `seq` without a hole. Retention takes the oldest rows, so a hole is an inbox that lost its beginning meanwhile. */
function dense(events: readonly InboxEvent[], seq: number): readonly InboxEvent[] {
  const hole = events.findIndex((event, index) => event.seq !== seq + 1 + index);
  return hole < 0 ? events : events.slice(0, hole);
}
