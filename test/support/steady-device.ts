import { randomUUID } from 'node:crypto';
import { createClient, type Client } from 'graphql-ws';
import type { GraphQLFormattedError } from 'graphql';
import WebSocket from 'ws';
import type { InboxEventPartsFragment, SessionPartsFragment, SignalKind, TypedDocumentString } from '../../src/client/gql/graphql.js';
import { createCallOperation, endCallOperation, inboxSubscription, sendSignalOperation } from '../../src/client/operations.js';
import { ApiError } from './api.js';
import { asFailure } from './socket.js';
import { Heard, type Addresses, type Handle, type Talker } from './talker.js';

const subscription = String(inboxSubscription);
const texts = new Map<object, string>();
const firstPauseMs = 15;
const longestPauseMs = 500;
const patientMs = 90_000;
/** "Wait, or back off, and ask again with the same key", says the contract. */
const worthAnotherTry = new Set<unknown>(['UNAVAILABLE', 'TOO_BUSY', 'RATE_LIMITED']);

/**
 * The client that docs/protocol.md asks for, with the graphql-ws package and nothing else: that one comes back and asks
 * again what was not answered. What is remembered of an event is the event and nothing more, as after a restart.
 */
export class SteadyDevice implements Talker {
  readonly session: SessionPartsFragment;
  readonly atOnce = 1;
  readonly #handle: Handle;
  readonly #heard: Heard;
  readonly #client: Client;
  readonly #arrived = Promise.withResolvers<void>();
  #opened: WebSocket | null = null;
  /** The one over which it is subscribed. */
  #socket: WebSocket | null = null;
  #cursor: string | null = null;
  #left = false;
  #living: Promise<void> = Promise.resolve();
  #draining: NodeJS.Timeout | undefined;
  connections = 0;
  unrecovered = 0;

  /**
   * `nodes` gives the node to connect to, asked anew each time; `handle` takes each event, Ready and notices included, and
   * once it is handled its cursor is kept.
   */
  constructor(session: SessionPartsFragment, nodes: () => Addresses, handle: Handle, patienceMs = patientMs) {
    this.session = session;
    this.#handle = handle;
    this.#heard = new Heard(patienceMs);
    this.#client = createClient({
      url: () => nodes().webSocketUrl,
      webSocketImpl: WebSocket,
      connectionParams: { Authorization: `Bearer ${session.accessToken}` },
      retryAttempts: Infinity,
      shouldRetry: () => true,
      retryWait: (retries) => pause(Math.min(firstPauseMs * 2 ** retries, longestPauseMs)),
      lazyCloseTimeout: patientMs,
      on: {
        connecting: () => (this.connections += 1),
        opened: (socket) => (this.#opened = socket as WebSocket),
        closed: () => {
          this.#socket = null;
          clearTimeout(this.#draining);
        },
      },
    });
  }

  get userId(): string {
    return this.session.user.id;
  }

  get id(): string {
    return this.session.device.id;
  }

  async arrive(): Promise<void> {
    this.#living = this.#live();
    await this.#arrived.promise;
  }

  async leave(): Promise<void> {
    this.#left = true;
    clearTimeout(this.#draining);
    await this.#client.dispose();
    await this.#living;
  }

  cut(): boolean {
    const socket = this.#forget();
    socket?.terminate();
    return socket !== null;
  }

  async call(calleeId: string): Promise<string> {
    return (await this.ask(createCallOperation, { input: { calleeId, ringSeconds: 180, key: randomUUID() } })).createCall.id;
  }

  answer(callId: string, payload: string): Promise<void> {
    return this.say(callId, 'ANSWER', payload);
  }

  async say(callId: string, kind: SignalKind, payload: string): Promise<void> {
    await this.ask(sendSignalOperation, { input: { callId, kind, payload, key: randomUUID() } });
  }

  async end(callId: string): Promise<void> {
    await this.ask(endCallOperation, { id: callId });
  }

  hears(name: string): Promise<boolean> {
    return this.#heard.hears(name);
  }

  /** Over its socket, again and again until it has an answer. It has to be safe to repeat. */
  async ask<Data, Variables extends Record<string, unknown>>(
    operation: TypedDocumentString<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    const text = texts.get(operation) ?? String(operation);
    texts.set(operation, text);
    const giveUpAt = performance.now() + patientMs;
    for (;;) {
      try {
        return await this.#request<Data>(text, variables);
      } catch (error) {
        if (this.#left || performance.now() > giveUpAt) throw error;
        if (error instanceof ApiError && !worthAnotherTry.has(error.code)) throw error;
        await pause(firstPauseMs);
      }
    }
  }

  #request<Data>(query: string, variables: Record<string, unknown>): Promise<Data> {
    return new Promise((resolve, reject) => {
      this.#client.subscribe<Data>(
        { query, variables },
        {
          next: ({ data, errors }) => {
            if (data != null && errors === undefined) resolve(data);
            else reject(new ApiError(errors as readonly GraphQLFormattedError[]));
          },
          error: (error) => reject(asFailure(error)),
          complete: () => reject(new Error('There was no answer.')),
        },
      );
    });
  }

  /** A subscription that ends is opened again, on the connection that there is then. */
  async #live(): Promise<void> {
    const variables = { after: null as string | null };
    // Read each time that it is sent, and not when the subscription was made.
    Object.defineProperty(variables, 'after', { enumerable: true, get: () => this.#cursor });
    while (!this.#left) {
      const over = Promise.withResolvers<void>();
      const stop = this.#client.subscribe<{ inbox: InboxEventPartsFragment }>(
        { query: subscription, variables },
        // An event that could not be told ends nothing by itself: what follows it has to wait until it was told.
        { next: ({ data }) => (data == null ? over.resolve() : this.#next(data.inbox)), error: over.resolve, complete: over.resolve },
      );
      await over.promise;
      stop();
      if (!this.#left) await pause(firstPauseMs);
    }
  }

  #next(event: InboxEventPartsFragment): void {
    this.#handle(event);
    if (event.__typename === 'Ready') {
      if (!event.recovered && this.#cursor !== null) this.unrecovered += 1;
      this.#cursor ??= event.cursor;
      this.#socket = this.#opened;
      this.#arrived.resolve();
      return;
    }
    this.#cursor = event.cursor;
    if (event.__typename === 'ServerDraining')
      this.#draining = setTimeout(() => this.#moveOn(), event.reconnectAfterMs * (1 + Math.random()));
    else this.#heard.note(event);
  }

  /** To another node, before this one closes the connection. */
  #moveOn(): void {
    if (this.#forget() !== null) this.#client.terminate();
  }

  /** What still lies in the buffers of its connection is not looked at. */
  #forget(): WebSocket | null {
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) socket.onmessage = null;
    return socket;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
