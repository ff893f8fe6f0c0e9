import { CallBook } from './call-book.js';
import type { Call } from './call.js';
import { Connection, type ConnectionState } from './connection.js';
import { ConnectionError } from './errors.js';
import { Inbox, type InboxEvent } from './inbox.js';
import { createLine } from './line.js';
import { defaultPeerConnection } from './media.js';
import { callOperation } from './operations.js';
import { PeerConnections } from './peer-connections.js';
import { retrying } from './retry.js';
import type { SessionKeeper } from './session.js';
import type { SwitchboardOptions } from './switchboard-options.js';
import { onWakeUp } from './wake-up.js';

/** Of a link, to whom it belongs: where it leads, and who is told what. */
export interface LinkEnds {
  readonly url: string;
  readonly keeper: SessionKeeper;
  readonly after: string | null;
  readonly onState: (state: ConnectionState) => void;
  readonly onIncoming: (call: Call) => void;
  readonly onEvent: (event: InboxEvent) => void;
  readonly onFailure: (error: Error) => void;
}

/** All that there is while a device is signed in: its socket, its inbox, its calls. */
export class Link {
  readonly connection: Connection;
  readonly book: CallBook;
  readonly #inbox: Inbox;
  readonly #peerConnections: PeerConnections | null;
  readonly #ends: LinkEnds;
  readonly #over = new AbortController();
  #clockAheadMs = 0;
  readonly #ready = Promise.withResolvers<void>();
  #drain: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SwitchboardOptions, ends: LinkEnds) {
    this.#ends = ends;
    const { url, keeper, onState, onIncoming } = ends;
    const onFailure = (error: Error): void => this.#fail(error);
    const webSocket = options.webSocket ?? webSocketOfRuntime();
    this.connection = new Connection({
      url,
      session: keeper,
      webSocket,
      onState: (state) => {
        // The node that goes away is left: the next socket, however long it takes, leads to another one.
        if (state !== 'connected') clearTimeout(this.#drain);
        onState(state);
      },
    });
    const create = options.createPeerConnection === undefined ? defaultPeerConnection() : options.createPeerConnection;
    this.#peerConnections =
      create === null
        ? null
        : new PeerConnections({
            connection: this.connection,
            create,
            configuration: options.configuration ?? {},
            now: () => Date.now() + this.#clockAheadMs,
            onFailure,
          });
    this.book = new CallBook({
      line: createLine(this.connection, keeper.current?.device.id ?? '', this.#peerConnections),
      onIncoming,
      look: async (id) => (await retrying(() => this.connection.request(callOperation, { id }))).call,
      onFailure,
    });
    // Whoever does not wait for it is told nothing.
    this.#ready.promise.catch(() => undefined);
    this.#inbox = new Inbox({ connection: this.connection, after: ends.after, onEvent: (event) => this.#take(event), onFailure });
  }

  /** Connects, and stays connected until `close`. */
  open(): void {
    onWakeUp((reason) => {
      this.connection.wakeUp();
      if (reason !== 'visible') this.book.networkChanged();
    }, this.#over.signal);
    void this.#inbox.run().then((wasStopped) => (wasStopped ? undefined : this.connection.close()));
  }

  /** The first Ready was handled: the live calls are known. Rejects where it is closed before. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Of the last event that was handled. */
  get cursor(): string | null {
    return this.#inbox.cursor;
  }

  /** By how much the server's clock is ahead of this machine's. */
  get clockAheadMs(): number {
    return this.#clockAheadMs;
  }

  /** Calls are left as they stand, on the server. */
  async close(): Promise<void> {
    this.#over.abort();
    clearTimeout(this.#drain);
    this.#ready.reject(new ConnectionError('Closed before the connection was there.'));
    this.book.close();
    this.#inbox.stop();
    this.#peerConnections?.close();
    await this.connection.close();
  }

  #take(event: InboxEvent): void {
    const { keeper, onEvent } = this.#ends;
    if (event.__typename === 'Ready') this.#clockAheadMs = Date.parse(event.at) - Date.now();
    if (event.__typename === 'SessionExpiring')
      void keeper.renew(keeper.current?.accessToken ?? '').catch((error: Error) => this.#fail(error));
    if (event.__typename === 'ServerDraining') {
      clearTimeout(this.#drain);
      // Spread, so that the next node is not found by all at one moment.
      this.#drain = setTimeout(() => this.connection.reconnect(), event.reconnectAfterMs * (1 + Math.random()));
    }
    this.book.take(event);
    if (event.__typename === 'Ready') this.#ready.resolve();
    onEvent(event);
  }

  /** What fails because it is closed is told to nobody. */
  #fail(error: Error): void {
    if (!this.#over.signal.aborted) this.#ends.onFailure(error);
  }
}

function webSocketOfRuntime(): typeof WebSocket {
  const { WebSocket: given } = globalThis as { WebSocket?: typeof WebSocket };
  if (given === undefined) throw new Error('There is no WebSocket in this runtime (Node before 22): give one as the option webSocket.');
  return given;
}
