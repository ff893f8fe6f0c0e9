import type { Cursor } from './cursor.js';

export { encodeCursor, decodeCursor, type Cursor } from './cursor.js';
export { appendEvent } from './append-event.sql.js';
export { GroupCommit, type CommitObserver } from './group-commit.js';

/** One row of a user's inbox, as all of its readers share it: never change one. */
export interface InboxEvent {
  readonly userId: string;
  /** Dense from 1 within a user. */
  readonly seq: number;
  /** Microseconds since 1970 by the database's clock; never runs backwards within a user. */
  readonly at: number;
  readonly id: string;
  /** Null: for every device of the user. */
  readonly deviceId: string | null;
  readonly callId: string;
  readonly kind: string;
  readonly fromUserId: string | null;
  readonly fromDeviceId: string | null;
  readonly body: string | null;
}

/** Where a stream starts: said before its first event, and again where events between two of its own are no longer kept. */
export interface StreamStart {
  readonly position: Cursor;
  /** The database's clock, in microseconds since 1970. */
  readonly now: number;
  readonly recovered: boolean;
}

/** Said to open streams alone, at the position where each is: not stored, not replayed. What it says is the feature's affair. */
export interface Notice {
  readonly notice: object;
  readonly position: Cursor;
}

export type StreamItem =
  | ({ readonly start: StreamStart } & { readonly event?: never; readonly notice?: never })
  | ({ readonly event: InboxEvent } & { readonly start?: never; readonly notice?: never })
  | (Notice & { readonly start?: never; readonly event?: never });

export interface InboxPage {
  readonly events: readonly InboxEvent[];
  /** Behind the last row looked at, also where that one was for another device. */
  readonly position: Cursor;
  readonly recovered: boolean;
  readonly hasMore: boolean;
}

export interface Reader {
  readonly userId: string;
  readonly deviceId: string;
}

/**
 * The ordered log of each user.
 *
 * Guarantee: a stream gives every event behind its start that is for its device, exactly once, in order, with no hole
 * between what it replays and what comes live. Where that cannot be had, because the events are no longer kept or the
 * cursor is of another database or user, it says so with a start whose `recovered` is false, and goes on from there.
 * Bound: a stream that is not read holds one page (200 events, 256 KiB), whatever arrives meanwhile.
 * Failure: while the database is away a stream waits; opening one or reading a page rejects.
 */
export interface Inbox {
  /** Registers first and reads then: whatever commits from now on is delivered. Ends with `return()`. */
  open(reader: Reader, after: Cursor | null): Promise<AsyncIterableIterator<StreamItem>>;
  /** The same events by request: at most `first` rows, of at most 256 KiB but for a first one that is larger. */
  page(reader: Reader, after: Cursor | null, first: number): Promise<InboxPage>;
  /** Hands committed events to the streams of this node. Forgetting to costs a second, never an event. */
  handOver(events: readonly InboxEvent[]): void;
  /**
   * Says something to the open streams of one device on this node, or of all where it is null, behind what they have
   * been given. Resolves when each of them has passed it on or has ended: never, where one is not read.
   */
  tell(deviceId: string | null, notice: object): Promise<void>;
  /** A stream of the device, or of any device of the user where it is null, is open on this node. */
  isOpen(userId: string, deviceId: string | null): boolean;
}
