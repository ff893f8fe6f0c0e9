import { Call, type CallFeed, type CallInfo } from './call.js';
import type { InboxEvent } from './inbox.js';
import type { Line } from './line.js';
import type { Media } from './media.js';

interface Entry {
  readonly call: Call;
  readonly feed: CallFeed;
}

/** Ended calls that are remembered, for an answer that comes behind the event that tells the end. */
const keptEnded = 20;

/** The calls of this device that have not ended, each told what the inbox has for it. */
export class CallBook {
  readonly #line: Line;
  readonly #onIncoming: (call: Call) => void;
  readonly #look: (callId: string) => Promise<CallInfo | null>;
  readonly #onFailure: (error: Error) => void;
  readonly #open = new Map<string, Entry>();
  readonly #ended = new Map<string, Entry>();

  /** `look` asks the server how a call stands. */
  constructor(options: {
    readonly line: Line;
    readonly onIncoming: (call: Call) => void;
    readonly look: (callId: string) => Promise<CallInfo | null>;
    readonly onFailure: (error: Error) => void;
  }) {
    this.#line = options.line;
    this.#onIncoming = options.onIncoming;
    this.#look = options.look;
    this.#onFailure = options.onFailure;
  }

  get calls(): Call[] {
    // The answer to a hang-up may come before the event that tells the end.
    return [...this.#open.values()].map(({ call }) => call).filter(({ status }) => status !== 'ENDED');
  }

  /** That ring here, and wait for an answer. */
  get ringing(): Call[] {
    return this.calls.filter(({ info }) => info.direction === 'INCOMING' && info.status !== 'ACTIVE');
  }

  take(event: InboxEvent): void {
    if (event.__typename === 'Ready') {
      for (const info of event.activeCalls) this.#put(info);
      if (!event.recovered) this.#findEnded(new Set(event.activeCalls.map(({ id }) => id)));
    } else if (event.__typename === 'CallChanged') this.#put(event.call);
    else if (event.__typename === 'SignalReceived') this.#open.get(event.callId)?.feed.signal(event);
  }

  /** A call that this device has made. */
  async begin(info: CallInfo, media: Media): Promise<Call> {
    const { call, feed } = this.#put(info);
    await feed.start(media);
    return call;
  }

  networkChanged(): void {
    for (const { feed } of this.#open.values()) feed.networkChanged();
  }

  close(): void {
    for (const { feed } of this.#open.values()) feed.close();
    this.#open.clear();
  }

  #put(info: CallInfo): Entry {
    const known = this.#open.get(info.id) ?? this.#ended.get(info.id);
    if (known !== undefined) {
      known.feed.update(info);
      if (info.status === 'ENDED') this.#remember(known);
      return known;
    }
    let feed: CallFeed | undefined;
    const call = new Call(info, this.#line, (given) => (feed = given));
    const entry = { call, feed: feed as unknown as CallFeed };
    if (info.status === 'ENDED') return this.#remember(entry);
    this.#open.set(info.id, entry);
    if (info.direction === 'INCOMING' && info.status !== 'ACTIVE') this.#onIncoming(call);
    return entry;
  }

  #remember(entry: Entry): Entry {
    this.#open.delete(entry.call.id);
    this.#ended.set(entry.call.id, entry);
    const [oldest] = this.#ended.keys();
    if (oldest !== undefined && this.#ended.size > keptEnded) this.#ended.delete(oldest);
    return entry;
  }

  /** Their end was told while nobody listened, and is kept no more. */
  #findEnded(live: ReadonlySet<string>): void {
    for (const [id, { call }] of this.#open) {
      if (live.has(id)) continue;
      void this.#look(id).then(
        // A server that does not know the call, as behind a restored backup, has none to go on with.
        (info) => this.#put(info ?? { ...call.info, status: 'ENDED' }),
        (error: Error) => this.#onFailure(error),
      );
    }
  }
}
