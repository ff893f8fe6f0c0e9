import pLimit from 'p-limit';
import type { Viewer } from '../auth/viewer.js';
import type { CallService } from '../calls/call.service.js';
import { badInput } from '../errors.js';
import { decodeCursor, encodeCursor, type Cursor, type Inbox, type InboxEvent, type StreamItem } from '../inbox/inbox.js';
import type { Logger } from '../logger.js';
import { requireFirst } from '../text.js';
import { viewEvent, viewNotice, viewStart, type InboxEventView, type InboxNotice } from './inbox-view.js';

/** A page has up to 3 MiB, which is made into an answer at a stretch: signals are looked at between two of them. */
const pagesAtOnce = 2;

/** A stream that is not read holds nobody up for longer. */
const mostTellingMs = 1_000;

export interface InboxPageView {
  readonly events: readonly InboxEventView[];
  readonly cursor: string;
  readonly recovered: boolean;
  readonly hasMore: boolean;
}

/** A viewer's inbox as the API shows it; what a device of the callee has been given of a new call makes it ring. */
export class InboxService {
  readonly #inbox: Inbox;
  readonly #calls: Pick<CallService, 'ring'>;
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  readonly #pages = pLimit(pagesAtOnce);

  constructor({ inbox, calls, logger, nowMs }: { inbox: Inbox; calls: Pick<CallService, 'ring'>; logger: Logger; nowMs: () => number }) {
    this.#nowMs = nowMs;
    this.#inbox = inbox;
    this.#calls = calls;
    this.#logger = logger;
  }

  /** Ready first, then the replay, then what comes. */
  async open(viewer: Viewer, after: string | null): Promise<AsyncIterableIterator<InboxEventView>> {
    const stream = await this.#inbox.open(viewer, readCursor(after));
    return new ViewedStream(stream, viewer, (event) => this.#given(viewer, event));
  }

  async page(viewer: Viewer, after: string | null, first: number): Promise<InboxPageView> {
    requireFirst(first);
    const cursor = readCursor(after);
    const { events, position, recovered, hasMore } = await this.#pages(() => this.#inbox.page(viewer, cursor, first));
    for (const event of events) this.#given(viewer, event);
    return { events: events.map((event) => viewEvent(event, viewer)), cursor: encodeCursor(position), recovered, hasMore };
  }

  /** Tells the streams of the device that its socket closes at `expiresAt` unless it refreshes its session. */
  sessionExpiring(deviceId: string, expiresAt: Date): void {
    void this.#tell(deviceId, { __typename: 'SessionExpiring', expiresAt });
  }

  /** Tells all streams that this node goes away. Resolves when all have passed it on, or do not read. */
  async draining(reconnectAfterMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, mostTellingMs)));
    await Promise.race([this.#tell(null, { __typename: 'ServerDraining', reconnectAfterMs }), late]);
    clearTimeout(timer);
  }

  #tell(deviceId: string | null, notice: InboxNotice): Promise<void> {
    return this.#inbox.tell(deviceId, { ...notice, at: new Date(this.#nowMs()) });
  }

  #given(viewer: Viewer, event: InboxEvent): void {
    if (event.kind !== 'CREATED' || event.fromUserId === viewer.userId) return;
    this.#calls.ring(viewer, event.callId).catch((error: unknown) => {
      this.#logger.warn({ callId: event.callId, err: error }, 'a call could not be marked as ringing');
    });
  }
}

function readCursor(after: string | null): Cursor | null {
  if (after === null) return null;
  const cursor = decodeCursor(after);
  if (cursor === null) throw badInput('after', 'after is no cursor of an inbox.');
  return cursor;
}

/** By hand rather than an async generator: one that is parked on a promise cannot be ended from outside. */
class ViewedStream implements AsyncIterableIterator<InboxEventView> {
  readonly #stream: AsyncIterableIterator<StreamItem>;
  readonly #viewer: Viewer;
  readonly #given: (event: InboxEvent) => void;
  #last: InboxEvent | null = null;

  constructor(stream: AsyncIterableIterator<StreamItem>, viewer: Viewer, given: (event: InboxEvent) => void) {
    this.#stream = stream;
    this.#viewer = viewer;
    this.#given = given;
  }

  async next(): Promise<IteratorResult<InboxEventView, undefined>> {
    // Asking for the next one says that the last one has been written to the socket.
    if (this.#last !== null) this.#given(this.#last);
    this.#last = null;
    const result = await this.#stream.next();
    if (result.done === true) return { value: undefined, done: true };
    const { start, event, notice } = result.value;
    if (start !== undefined) return { value: viewStart(start), done: false };
    if (notice !== undefined) return { value: viewNotice(notice as InboxNotice & { at: Date }, result.value.position), done: false };
    this.#last = event;
    return { value: viewEvent(event, this.#viewer), done: false };
  }

  async return(): Promise<IteratorResult<InboxEventView, undefined>> {
    await this.#stream.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
