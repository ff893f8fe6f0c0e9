import type { TypedDocumentString } from '../../src/client/gql/graphql.js';
import type { InboxEventPartsFragment, SessionPartsFragment } from '../../src/client/gql/graphql.js';
import { inboxSubscription } from '../../src/client/operations.js';
import { ApiError } from './api.js';
import { TestSocket } from './socket.js';

export interface Addresses {
  readonly url: string;
  readonly webSocketUrl: string;
}

const subscription = String(inboxSubscription);
const texts = new Map<object, string>();
const firstPauseMs = 15;
const longestPauseMs = 500;
const patienceMs = 90_000;
/** "Wait, or back off, and ask again with the same key", says the contract. */
const worthAnotherTry = new Set<unknown>(['UNAVAILABLE', 'TOO_BUSY', 'RATE_LIMITED']);

/**
 * A client as it should be: comes back by itself with the cursor of the last event that it handled, and asks again, with
 * the same key, what was not answered. What it remembers of an event is the event and nothing more, as after a restart.
 */
export class SteadyDevice {
  readonly session: SessionPartsFragment;
  readonly #nodes: () => Addresses;
  readonly #handle: (event: InboxEventPartsFragment) => void;
  readonly #seen = new Set<string>();
  readonly #waiting = new Map<string, () => void>();
  #socket: TestSocket | null = null;
  #online = Promise.withResolvers<void>();
  #isOnline = false;
  #pauseMs = firstPauseMs;
  #cursor: string | null = null;
  #left = false;
  #living: Promise<void> = Promise.resolve();
  /** Sockets that it has had. */
  connections = 0;
  /** Ready that was not the place it had asked for. */
  unrecovered = 0;

  /** `nodes` gives the node to connect to, asked anew each time; `handle` takes each event, once it is handled its cursor is kept. */
  constructor(session: SessionPartsFragment, nodes: () => Addresses, handle: (event: InboxEventPartsFragment) => void) {
    this.session = session;
    this.#nodes = nodes;
    this.#handle = handle;
  }

  get userId(): string {
    return this.session.user.id;
  }

  get id(): string {
    return this.session.device.id;
  }

  /** Connects, and stays connected until it leaves. Resolves when it is subscribed. */
  async arrive(): Promise<void> {
    this.#living = this.#live();
    await this.#online.promise;
  }

  async leave(): Promise<void> {
    this.#left = true;
    await this.#socket?.close();
    await this.#living;
  }

  /** No close frame, and what was on its way to it is not looked at. False where it is not connected now. */
  cut(): boolean {
    const socket = this.#socket;
    if (socket === null || !this.#isOnline) return false;
    this.#drop();
    socket.cut();
    return true;
  }

  /** Over its socket, again and again until it has an answer. */
  async ask<Data, Variables extends Record<string, unknown>>(
    operation: TypedDocumentString<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    const text = texts.get(operation) ?? String(operation);
    texts.set(operation, text);
    const giveUpAt = performance.now() + patienceMs;
    for (;;) {
      await this.#online.promise;
      try {
        const socket = this.#socket;
        if (socket !== null) return await socket.query<Data>(text, variables);
      } catch (error) {
        if (error instanceof ApiError && !worthAnotherTry.has(error.code)) throw error;
        if (performance.now() > giveUpAt) throw error;
        await pause(firstPauseMs);
      }
    }
  }

  /** Resolves when it has handled an event of that name: `<callId> CREATED`, or `<callId> <payload>`. */
  async hears(name: string): Promise<void> {
    if (this.#seen.has(name)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = setTimeout(
      () => reject(new Error(`${this.session.user.username} waited ${patienceMs} ms in vain for ${name}.`)),
      patienceMs,
    );
    this.#waiting.set(name, resolve);
    await promise.finally(() => clearTimeout(late));
  }

  async #live(): Promise<void> {
    while (!this.#left) {
      const socket = new TestSocket(this.#nodes().webSocketUrl, this.session.accessToken);
      this.connections += 1;
      const over = Promise.withResolvers<void>();
      const after = this.#cursor;
      socket.subscribe(
        { query: subscription, variables: { after } },
        (data) => this.#next(socket, (data as { inbox: InboxEventPartsFragment }).inbox, after),
        () => over.resolve(),
      );
      this.#socket = socket;
      await Promise.race([socket.closed, over.promise]);
      if (this.#socket === socket) this.#drop();
      socket.cut();
      if (!this.#left) await pause((this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs)));
    }
  }

  #next(socket: TestSocket, event: InboxEventPartsFragment, after: string | null): void {
    // A phone that lost its connection has not seen what lay in a buffer of its kernel.
    if (this.#socket !== socket) return;
    if (event.__typename === 'Ready') {
      if (!event.recovered && after !== null) this.unrecovered += 1;
      this.#cursor ??= event.cursor;
      this.#isOnline = true;
      this.#pauseMs = firstPauseMs;
      this.#online.resolve();
      return;
    }
    this.#handle(event);
    this.#cursor = event.cursor;
    if (event.__typename === 'SessionExpiring' || event.__typename === 'ServerDraining') return;
    const name = event.__typename === 'CallChanged' ? `${event.call.id} ${event.change}` : `${event.callId} ${event.payload}`;
    this.#seen.add(name);
    this.#waiting.get(name)?.();
    this.#waiting.delete(name);
  }

  #drop(): void {
    this.#socket = null;
    // Who waits for the connection already goes on waiting for the same promise.
    if (this.#isOnline) this.#online = Promise.withResolvers<void>();
    this.#isOnline = false;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
