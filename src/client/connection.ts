import { createClient, type Client } from 'graphql-ws';
import { backoffMs, pause } from './backoff.js';
import { reportingThrows } from './emitter.js';
import { asSwitchboardError, ConnectionError, SwitchboardError } from './errors.js';
import { TypedDocumentString } from './gql/graphql.js';
import type { Operation } from './operation.js';
import type { SessionKeeper } from './session.js';

/**
 * `waiting` is between two attempts to connect, or without a network.
 *
 * @example
 * ```ts
 * const texts: Record<ConnectionState, string> = { connecting: '…', connected: 'Online', waiting: 'Offline', closed: 'Signed out' };
 * phone.on('connection', (state) => console.log(texts[state]));
 * ```
 */
export type ConnectionState = 'connecting' | 'connected' | 'waiting' | 'closed';

/** What a subscription is told. After `failed` or `completed` it is told nothing more. */
export interface Sink<Data> {
  next(data: Data): void;
  failed(error: SwitchboardError | ConnectionError): void;
  completed(): void;
}

const pingEveryMs = 10_000;
const pongWithinMs = 5_000;
/** From the first packet to the acknowledgement. A network that swallows packets would hold an attempt for minutes. */
const opensWithinMs = 10_000;
const probeWithinMs = 3_000;
/** Of one operation: it may be the one that brings them about. */
const mostFaults = 3;
/** A client that repeats what brought one of these would bring it again. */
const bugCodes = new Set([1002, 1003, 1007, 1009, 1010, 4004, 4400, 4401, 4406, 4409, 4429]);
const tokenRefused = 4403;
const probe = new TypedDocumentString<unknown, object>('query Probe { __typename }');

/**
 * The one socket of a device. It comes back by itself, with a token that is good, after a wait that grows; what was under
 * way is asked again on the new socket, so everything that is asked has to be safe to repeat.
 */
export class Connection {
  readonly #client: Client;
  readonly #session: SessionKeeper;
  readonly #onState: (state: ConnectionState) => void;
  /** What is under way: how each is told that it failed. */
  readonly #open = new Set<(error: ConnectionError) => void>();
  #state: ConnectionState = 'closed';
  #isClosed = false;
  #token = '';
  /** Aborted: whoever waits, or would wait next, does not. */
  #hurry = new AbortController();
  #opening: ReturnType<typeof setTimeout> | undefined;
  #pong: ReturnType<typeof setTimeout> | undefined;

  constructor(options: {
    readonly url: string;
    readonly session: SessionKeeper;
    readonly onState: (state: ConnectionState) => void;
    readonly webSocket: typeof WebSocket;
  }) {
    this.#session = options.session;
    this.#onState = options.onState;
    this.#client = createClient({
      url: async () => {
        // Before there is a socket: the server waits three seconds for what follows, and a renewal may take longer.
        this.#token = await this.#session.token().catch(() => '');
        // Nobody waits for it any more: no socket is made.
        if (this.#isClosed) await new Promise(() => undefined);
        this.#opening = setTimeout(() => this.#client.terminate(), opensWithinMs);
        return options.url.replace(/^http/, 'ws');
      },
      connectionParams: async () => ({ Authorization: `Bearer ${this.#token || (await this.#session.token())}` }),
      webSocketImpl: options.webSocket,
      // Its socket is kept where nothing is asked for a while, as between two attempts to subscribe: the device is online.
      lazy: false,
      // Told to whoever asks next.
      onNonLazyError: () => undefined,
      retryAttempts: Infinity,
      shouldRetry: (error) => !(error instanceof SwitchboardError),
      retryWait: (retries) => this.#wait(retries),
      keepAlive: pingEveryMs,
      on: {
        // The first attempt begins while this is made, and whoever is told looks at what is being made.
        connecting: () => queueMicrotask(() => this.#become('connecting')),
        connected: () => {
          clearTimeout(this.#opening);
          this.#become('connected');
        },
        ping: (received) => {
          if (!received) this.#pong = setTimeout(() => this.#client.terminate(), pongWithinMs);
        },
        pong: (received) => {
          if (received) clearTimeout(this.#pong);
        },
        closed: (event) => this.#lost((event as CloseEvent).code),
      },
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** By this side, for good. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * A query or a mutation. Several at once reach the server in the order in which they were asked. Whether one that
   * `signal` gives up was carried out is not known.
   */
  request<Data, Variables>(operation: Operation<Data, Variables>, variables: Variables, signal?: AbortSignal): Promise<Data> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const stop = this.subscribe(operation, variables, {
        next: resolve,
        failed: reject,
        // After an answer this changes nothing.
        completed: () => reject(new ConnectionError('The connection was closed before the answer.')),
      });
      signal?.addEventListener('abort', () => {
        stop();
        reject(signal.reason as Error);
      });
    });
  }

  /** Until the returned function is called. On a new socket it is asked again, with the variables as they are then. */
  subscribe<Data, Variables>(operation: Operation<Data, Variables>, variables: Variables, sink: Sink<Data>): () => void {
    let failures = 0;
    let isOver = false;
    let stop = (): void => undefined;
    const end = (tell: () => void): void => {
      if (isOver) return;
      isOver = true;
      this.#open.delete(fail);
      // Not in this turn: where the server's `complete` is in the same packet, graphql-ws would count one end twice, take
      // nothing for open any more and close the socket under all that is.
      queueMicrotask(() => stop());
      reportingThrows(tell);
    };
    const fail = (error: SwitchboardError | ConnectionError): void => end(() => sink.failed(error));
    const ask = (): void => {
      if (isOver) return;
      const payload = { query: String(operation), variables: variables as Record<string, unknown> };
      stop = this.#client.subscribe<Data>(payload, {
        next: ({ data, errors }) => {
          failures = 0;
          if (isOver) return;
          if (data != null && errors === undefined) reportingThrows(() => sink.next(data));
          else fail(asSwitchboardError(errors));
        },
        error: (error) => {
          const failure = this.#failure(error);
          if (failure instanceof SwitchboardError || failure.isFinal || failures === mostFaults) return fail(failure);
          // What graphql-ws takes for the end, and is none: a fault of the server.
          stop();
          void this.#wait(failures).then(ask);
          failures += 1;
        },
        complete: () => end(() => sink.completed()),
      });
    };
    if (this.#isClosed) queueMicrotask(() => fail(closedHere()));
    else {
      this.#open.add(fail);
      ask();
    }
    return () => end(() => undefined);
  }

  /** Connects at once where it waits; else finds out whether the socket there is, or comes, still leads anywhere. */
  wakeUp(): void {
    if (this.#state === 'waiting') this.#hurry.abort();
    const timer = setTimeout(() => this.reconnect(), probeWithinMs);
    const alive = (): void => clearTimeout(timer);
    this.subscribe(probe, {}, { next: alive, failed: alive, completed: alive });
  }

  /** Leaves this socket for another one. */
  reconnect(): void {
    this.#hurry.abort();
    this.#client.terminate();
  }

  /** Says goodbye with 1000: the device is offline at once. What is under way fails, and so does what comes. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const wasConnected = this.#state === 'connected';
    for (const fail of this.#open) fail(closedHere());
    const disposed = Promise.resolve(this.#client.dispose()).catch(() => undefined);
    this.#hurry.abort();
    if (wasConnected) await disposed;
    else this.#client.terminate();
    this.#become('closed');
  }

  async #wait(failures: number): Promise<void> {
    this.#become('waiting');
    await pause(backoffMs(failures), this.#hurry.signal);
    if (this.#hurry.signal.aborted) this.#hurry = new AbortController();
  }

  #lost(code: number): void {
    clearTimeout(this.#opening);
    clearTimeout(this.#pong);
    if (this.#isClosed) return;
    this.#become('waiting');
    if (code === tokenRefused) void this.#session.renew(this.#token).catch(() => undefined);
  }

  #become(state: ConnectionState): void {
    if (this.#state === state || (this.#isClosed && state !== 'closed')) return;
    this.#state = state;
    this.#onState(state);
  }

  /** graphql-ws fails with an Error, a CloseEvent, an Event of the socket, or the errors of an answer. */
  #failure(error: unknown): SwitchboardError | ConnectionError {
    if (error instanceof SwitchboardError) return error;
    if (Array.isArray(error)) return asSwitchboardError(error);
    const { code, reason } = error as { code?: unknown; reason?: string };
    if (typeof code !== 'number') return new ConnectionError('The connection failed.', { cause: error });
    return new ConnectionError(`The connection was closed with ${code} ${reason ?? ''}.`, { closeCode: code, isFinal: bugCodes.has(code) });
  }
}

function closedHere(): ConnectionError {
  return new ConnectionError('The connection was closed by this side.', { isFinal: true });
}
