import { pageBytes, pageRows, type CatchUp } from './inbox.repository.js';
import type { InboxEvent, Reader, StreamItem, StreamStart } from './inbox.js';

/** What a subscriber asks of the inbox it belongs to. */
export interface SubscriberHost {
  /** The subscriber has nothing left and the table has more: bring it a page, through `takePage`. */
  wantsPage(subscriber: Subscriber): void;
  /** Events behind its position are gone: bring it a new start, through `begin`. */
  wantsStart(subscriber: Subscriber): void;
  /** A subscriber has been given an event that was written after its start, so not replayed. */
  given(event: InboxEvent): void;
  left(subscriber: Subscriber): void;
}

/**
 * One stream's place in an inbox. It takes an event that is the next one, drops a smaller one, and for a larger one
 * remembers that the table has more. It holds one page at most; what does not fit is read again when the page is empty.
 */
export class Subscriber implements AsyncIterableIterator<StreamItem> {
  readonly reader: Reader;
  readonly #host: SubscriberHost;
  #page: StreamItem[] = [];
  #taken = 0;
  #bytes = 0;
  #seq = -1;
  #at = 0;
  /** By Postgres's clock. */
  #startedAt = Infinity;
  #knownSeq = -1;
  readonly #whenRead: (() => void)[] = [];
  #waiting: ((result: IteratorResult<StreamItem, undefined>) => void) | null = null;
  #asking = false;
  #ended = false;

  constructor(reader: Reader, host: SubscriberHost) {
    this.reader = reader;
    this.#host = host;
  }

  /** Of the last event taken, or of the start. -1 before there is one. */
  get seq(): number {
    return this.#seq;
  }

  /** It has not been read to the end of what it knows to be there. */
  get isBehind(): boolean {
    return this.#knownSeq > this.#seq || this.#page.length > 0;
  }

  /** Starts, or starts anew, at this position. */
  begin(start: StreamStart): void {
    if (this.#ended) return;
    this.#seq = start.position.seq;
    this.#at = start.position.at;
    this.#startedAt = start.now;
    this.#asking = false;
    this.#push({ start }, 0);
  }

  /** An event that has been committed, in whatever order it arrives. */
  offer(event: InboxEvent): void {
    if (this.#seq >= 0 && event.seq === this.#seq + 1 && this.#hasRoom()) this.#take(event);
    else this.hear(event.seq);
  }

  /** Resolves when the reader has taken it and asks for more, or the stream has ended. Nothing where the stream has no position at this moment. */
  tell(notice: object): Promise<void> {
    if (this.#seq < 0 || this.#ended) return Promise.resolve();
    this.#push({ notice, position: { seq: this.#seq, at: this.#at } }, 0);
    return new Promise((resolve) => this.#whenRead.push(resolve));
  }

  /** The inbox reaches at least to here. */
  hear(seq: number): void {
    if (seq > this.#knownSeq) this.#knownSeq = seq;
    this.#askIfBehind();
  }

  /** The answer to `wantsPage`, read behind `askedSeq`. */
  takePage(askedSeq: number, { events, head }: CatchUp): void {
    this.#asking = false;
    if (this.#ended) return;
    if (head.seq > this.#knownSeq) this.#knownSeq = head.seq;
    for (const event of events) {
      if (event.seq <= this.#seq) continue;
      if (event.seq !== this.#seq + 1) break;
      if (!this.#hasRoom()) break;
      this.#take(event);
    }
    const moved = this.#seq > askedSeq;
    if (!moved && head.seq !== askedSeq) this.lost();
    else this.#askIfBehind();
  }

  /** What was asked for could not be read; the next news asks again. */
  readFailed(): void {
    this.#asking = false;
  }

  /** What follows the position is no longer kept, or the database is not the one that was read before. */
  lost(): void {
    if (this.#ended || this.#asking) return;
    this.#asking = true;
    // What was known is of a past that is not there any more; what is heard from now on counts from the new start.
    this.#seq = -1;
    this.#knownSeq = -1;
    this.#host.wantsStart(this);
  }

  next(): Promise<IteratorResult<StreamItem, undefined>> {
    const item = this.#page[this.#taken];
    if (item !== undefined) {
      this.#taken += 1;
      if (this.#taken === this.#page.length) this.#clear();
      return Promise.resolve({ value: item, done: false });
    }
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    this.#tellRead();
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#askIfBehind();
    });
  }

  return(): Promise<IteratorResult<StreamItem, undefined>> {
    if (!this.#ended) {
      this.#ended = true;
      this.#clear();
      this.#host.left(this);
      this.#tellRead();
      this.#waiting?.({ value: undefined, done: true });
      this.#waiting = null;
    }
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(event: InboxEvent): void {
    this.#seq = event.seq;
    this.#at = event.at;
    if (event.seq > this.#knownSeq) this.#knownSeq = event.seq;
    if (event.deviceId !== null && event.deviceId !== this.reader.deviceId) return;
    if (event.at > this.#startedAt) this.#host.given(event);
    this.#push({ event }, event.body?.length ?? 0);
  }

  #push(item: StreamItem, bytes: number): void {
    if (this.#waiting !== null) {
      const resolve = this.#waiting;
      this.#waiting = null;
      resolve({ value: item, done: false });
      return;
    }
    this.#page.push(item);
    this.#bytes += bytes + 256;
  }

  #tellRead(): void {
    for (const resolve of this.#whenRead.splice(0)) resolve();
  }

  #hasRoom(): boolean {
    return this.#page.length < pageRows && this.#bytes < pageBytes;
  }

  #clear(): void {
    this.#page = [];
    this.#taken = 0;
    this.#bytes = 0;
  }

  /** Only a reader that waits asks: one that does not read costs nothing but its page. */
  #askIfBehind(): void {
    if (this.#waiting === null || this.#asking || this.#knownSeq <= this.#seq) return;
    if (this.#seq < 0) return this.lost();
    this.#asking = true;
    this.#host.wantsPage(this);
  }
}
