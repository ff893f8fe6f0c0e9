import type { TypedDocumentString } from '../../src/client/gql/graphql.js';
import type { GraphQLFormattedError } from 'graphql';
import { createClient, type Client, type SubscribePayload } from 'graphql-ws';
import WebSocket from 'ws';
import { ApiError } from './api.js';

/** One WebSocket by the graphql-ws client, which stays closed when it is cut: coming back is for the test to say. */
export class TestSocket {
  readonly #client: Client;
  #raw: WebSocket | null = null;
  /** By which the server knows this connection. */
  localPort = 0;
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(url: string, token: string | null) {
    const tellPort = (port: number): void => void (this.localPort = port);
    class Socket extends WebSocket {
      constructor(address: string, protocols: string[]) {
        super(address, protocols);
        this.on('upgrade', ({ socket }) => tellPort(socket.localPort ?? 0));
      }
    }
    let tellClosed: (event: { code: number; reason: string }) => void;
    this.closed = new Promise((resolve) => (tellClosed = resolve));
    this.#client = createClient({
      url,
      webSocketImpl: Socket,
      lazy: true,
      retryAttempts: 0,
      lazyCloseTimeout: 600_000,
      ...(token === null ? {} : { connectionParams: { Authorization: `Bearer ${token}` } }),
      on: {
        opened: (socket) => (this.#raw = socket as WebSocket),
        closed: (event) => tellClosed(event as { code: number; reason: string }),
      },
    });
  }

  /** A query or mutation over the socket; throws an ApiError where it was refused. */
  run<Data, Variables extends Record<string, unknown>>(
    operation: TypedDocumentString<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    return this.query<Data>(String(operation), variables);
  }

  query<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    return new Promise((resolve, reject) => {
      this.subscribe({ query, variables }, (result) => resolve(result as Data), reject);
    });
  }

  /** Calls `next` with the data of each result. Returns what ends it. */
  subscribe(payload: SubscribePayload, next: (data: unknown) => void, fail: (error: unknown) => void = () => undefined): () => void {
    return this.#client.subscribe(payload, {
      next: ({ data, errors }) => (errors === undefined ? next(data) : fail(new ApiError(errors as readonly GraphQLFormattedError[]))),
      error: (error) => fail(asFailure(error)),
      complete: () => undefined,
    });
  }

  /** As a phone that changes networks: no close frame. */
  cut(): void {
    this.#raw?.terminate();
  }

  /** Stops reading from the connection, as a phone in a tunnel. */
  stall(): void {
    this.#raw?.pause();
  }

  resume(): void {
    this.#raw?.resume();
  }

  async close(): Promise<void> {
    await this.#client.dispose();
  }
}

/** A socket that closed ends its operations with an event of the browser's kind: only what says something of it is kept. */
export function asFailure(error: unknown): Error {
  if (Array.isArray(error)) return new ApiError(error as GraphQLFormattedError[]);
  if (error instanceof Error) return error;
  const { code, reason } = error as { code?: number; reason?: string };
  return Object.assign(new Error(`The socket closed with ${code}.`), { code, reason });
}
