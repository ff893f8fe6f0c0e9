import { createClient, type Client } from 'graphql-ws';
import { backoffMs } from './backoff.js';
import { asSwitchboardError, ConnectionError, SwitchboardError } from './errors.js';
import type { Operation } from './operation.js';
import type { SessionKeeper } from './session.js';

/** `waiting` is between two attempts to connect, or without a network. */
export type ConnectionState = 'connecting' | 'connected' | 'waiting' | 'closed';

/** What a subscription is told. After `failed` or `completed` it is told nothing more. */
export interface Sink<Data> {
  next(data: Data): void;
  failed(error: SwitchboardError | ConnectionError): void;
  completed(): void;
}

const pingEveryMs = 10_000;
const pongWithinMs = 5_000;
const probeWithinMs = 3_000;
/** A client that repeats what brought one of these would bring it again. */
const bugCodes = new Set([1002, 1003, 1007, 1009, 1010, 4004, 4400, 4401, 4406, 4409, 4429]);
const tokenRefused = 4403;

/**
 * The one socket of a device. It comes back by itself, with a token that is good, after a wait that grows; what was under
 * way is asked again on the new socket, so everything that is asked has to be safe to repeat.
 */
export class Connection {
  readonly #client: Client;
  readonly #session: SessionKeeper;
  readonly #onState: (state: ConnectionState) => void;
  #state: ConnectionState = 'closed';
  #token = '';
  #hurry: () => void = () => undefined;

  constructor(options: {
    readonly url: string;
    readonly session: SessionKeeper;
    readonly onState: (state: ConnectionState) => void;
    readonly webSocket: typeof WebSocket;
  }) {
    this.#session = options.session;
    this.#onState = options.onState;
    let pong: ReturnType<typeof setTimeout> | undefined;
    this.#client = createClient({
      url: async () => {
        // Before there is a socket: the server waits three seconds for what follows, and a renewal may take longer.
        this.#token = await this.#session.token().catch(() => '');
        return options.url.replace(/^http/, 'ws');
      },
      connectionParams: async () => ({ Authorization: `Bearer ${this.#token || (await this.#session.token())}` }),
      webSocketImpl: options.webSocket,
      retryAttempts: Infinity,
      shouldRetry: (error) => !(error instanceof SwitchboardError),
      retryWait: (retries) => this.#wait(retries),
      keepAlive: pingEveryMs,
      connectionAckWaitTimeout: 2 * pongWithinMs,
      on: {
        connecting: () => this.#become('connecting'),
        connected: () => this.#become('connected'),
        ping: (received) => {
          if (!received) pong = setTimeout(() => this.#client.terminate(), pongWithinMs);
        },
        pong: (received) => {
          if (received) clearTimeout(pong);
        },
        closed: (event) => {
          clearTimeout(pong);
          this.#closed((event as CloseEvent).code);
        },
      },
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** A query or a mutation. Several at once reach the server in the order in which they were asked. */
  request<Data, Variables>(operation: Operation<Data, Variables>, variables: Variables): Promise<Data> {
    return new Promise((resolve, reject) => {
      this.subscribe(operation, variables, {
        next: resolve,
        failed: reject,
        // After an answer this changes nothing.
        completed: () => reject(new ConnectionError('The connection was closed before the answer.')),
      });
    });
  }

  /** Until the returned function is called. On a new socket it is asked again, with the variables as they are then. */
  subscribe<Data, Variables>(operation: Operation<Data, Variables>, variables: Variables, sink: Sink<Data>): () => void {
    let isOver = false;
    const once = (end: () => void): void => {
      if (!isOver) end();
      isOver = true;
    };
    const stop = this.#client.subscribe<Data>(
      { query: String(operation), variables: variables as Record<string, unknown> },
      {
        next: ({ data, errors }) => {
          if (data != null && errors === undefined) sink.next(data);
          else once(() => sink.failed(asSwitchboardError(errors)));
        },
        error: (error) => once(() => sink.failed(this.#failure(error))),
        complete: () => once(() => sink.completed()),
      },
    );
    return () => {
      isOver = true;
      stop();
    };
  }

  /** Connects at once where it waits; where it is connected, finds out whether it still is. */
  wakeUp(): void {
    this.#hurry();
    if (this.#state !== 'connected') return;
    const timer = setTimeout(() => this.reconnect(), probeWithinMs);
    const alive = (): void => clearTimeout(timer);
    this.#client.subscribe({ query: '{ __typename }' }, { next: alive, error: alive, complete: alive });
  }

  /** Leaves this socket for another one. */
  reconnect(): void {
    this.#client.terminate();
    queueMicrotask(() => this.#hurry());
  }

  /** Says goodbye with 1000: the device is offline at once. */
  async close(): Promise<void> {
    await this.#client.dispose();
    this.#hurry();
    this.#become('closed');
  }

  async #wait(retries: number): Promise<void> {
    this.#become('waiting');
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, backoffMs(retries));
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#hurry = () => undefined;
  }

  #closed(code: number): void {
    if (code === tokenRefused) void this.#session.renew(this.#token).catch(() => undefined);
  }

  #become(state: ConnectionState): void {
    if (this.#state === state) return;
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
