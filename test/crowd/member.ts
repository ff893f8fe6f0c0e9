import WebSocket from 'ws';
import { backoffMs, pause } from '../../src/client/backoff.js';
import type { Acknowledged, Person, Tally } from './commands.js';

/** The least that a client needs to come back, and to see what it missed. */
const inboxText = `subscription ($after: ID) {
  inbox(after: $after) { __typename cursor ... on Ready { recovered } ... on SignalReceived { payload } }
}`;
const sendText = 'mutation ($input: SendSignalInput!) { sendSignal(input: $input) { id } }';
const inboxId = 'inbox';
const worthAnotherTry = new Set<unknown>(['UNAVAILABLE', 'TOO_BUSY']);

interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly payload?: { readonly data?: Readonly<Record<string, unknown>> | null; readonly errors?: unknown };
}

interface LeanEvent {
  readonly __typename: string;
  readonly cursor: string;
  readonly recovered?: boolean;
  readonly payload?: string;
}

/** One of thousands of devices in one process: graphql-transport-ws by hand, since a client library for each would be the load. */
export class Member {
  readonly #person: Person;
  readonly #localAddress: string;
  #socket: WebSocket | null = null;
  #cursor: string | null = null;
  #handled = 0;
  #faults = 0;
  #unrecovered = 0;
  #operations = 0;
  readonly #answers = new Map<string, (failure: unknown) => void>();

  constructor(person: Person, localAddress: string) {
    this.#person = person;
    this.#localAddress = localAddress;
  }

  /** Signals are numbered from 1: whatever is not the one behind the last is a fault. */
  get tally(): Tally {
    return { handled: this.#handled, faults: this.#faults, unrecovered: this.#unrecovered };
  }

  /** Connects once and subscribes behind what it has handled. Resolves at Ready. */
  arrive(url: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false, localAddress: this.#localAddress });
      this.#socket = socket;
      const say = (message: object): void => socket.send(JSON.stringify(message));
      socket.on('open', () => say({ type: 'connection_init', payload: { Authorization: `Bearer ${this.#person.token}` } }));
      socket.on('error', reject);
      socket.on('close', (code) => {
        if (this.#socket === socket) this.#forget();
        reject(new Error(`The socket closed with ${code}.`));
      });
      socket.on('message', (data: Buffer) => {
        if (this.#socket !== socket) return;
        const frame = JSON.parse(data.toString()) as Frame;
        if (frame.type === 'connection_ack')
          say({ id: inboxId, type: 'subscribe', payload: { query: inboxText, variables: { after: this.#cursor } } });
        else if (frame.id !== inboxId) this.#answered(frame);
        else if (frame.type === 'next' && frame.payload?.data != null) {
          const event = frame.payload.data['inbox'] as LeanEvent;
          this.#handle(event);
          if (event.__typename === 'Ready') resolve();
        } else reject(new Error(`The inbox said ${data.toString()}`));
      });
    });
  }

  /** Again and again, with the pauses of the SDK, as it does where nothing but the network was wrong. Resolves with the tries that it took. */
  async comeBack(urls: readonly string[]): Promise<number> {
    for (let failures = 0; ; failures += 1) {
      await pause(backoffMs(failures));
      try {
        await this.arrive(urls[failures % urls.length]!);
        return failures + 1;
      } catch {
        this.cut();
      }
    }
  }

  /** No close frame, and what was on its way is not looked at. */
  cut(): void {
    const socket = this.#socket;
    this.#forget();
    socket?.terminate();
  }

  /** Says goodbye. Resolves when the other side has, too. */
  async leave(): Promise<void> {
    const socket = this.#socket;
    if (socket === null) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close(1000);
    await closed;
  }

  stall(): void {
    this.#socket?.pause();
  }

  /**
   * Signals over its socket, numbered on from `first`; with a rate, the first after `turn` of the time between two. Rejects
   * where one is refused or the socket ends.
   */
  async send({ first, count, bytes, inFlight, perSecond }: Outpour, turn: number): Promise<Acknowledged[]> {
    const acknowledged: Acknowledged[] = [];
    const startedAt = performance.now() + (perSecond === null ? 0 : (turn * 1_000) / perSecond);
    let turns = 0;
    let next = first;
    const sendOn = async (): Promise<void> => {
      while (turns < count) {
        const place = turns;
        turns += 1;
        if (perSecond !== null) await pause(Math.max(0, startedAt + (place * 1_000) / perSecond - performance.now()));
        // Timers that are late do not come in their order: the number is taken when it is sent.
        const number = next;
        next += 1;
        const sentAt = performance.now();
        await this.#sendOne(`${number} `.padEnd(bytes, 'candidate '));
        acknowledged.push({ sentAt: performance.timeOrigin + sentAt, tookMs: performance.now() - sentAt });
      }
    };
    await Promise.all(Array.from({ length: inFlight }, sendOn));
    return acknowledged;
  }

  /** One signal over HTTP, for who has no socket now; again with the same key where the server could not say. */
  async post(url: string, number: number): Promise<void> {
    const input = { ...this.#input(`${number} `), key: String(number) };
    for (let failures = 0; ; failures += 1) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#person.token}` },
        body: JSON.stringify({ query: sendText, variables: { input } }),
      });
      const { errors } = (await response.json()) as { errors?: readonly { extensions: { code: string } }[] };
      if (errors === undefined) return;
      if (!worthAnotherTry.has(errors[0]?.extensions.code)) throw asError(errors);
      await pause(backoffMs(failures));
    }
  }

  #input(payload: string): object {
    return { callId: this.#person.callId, kind: 'CUSTOM', payload };
  }

  #sendOne(payload: string): Promise<void> {
    const socket = this.#socket;
    if (socket === null) return Promise.reject(new Error('There is no socket to send over.'));
    const id = String((this.#operations += 1));
    socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query: sendText, variables: { input: this.#input(payload) } } }));
    return new Promise((resolve, reject) =>
      this.#answers.set(id, (failure) => (failure === undefined ? resolve() : reject(asError(failure)))),
    );
  }

  #answered({ type, id, payload }: Frame): void {
    if (id === undefined || type === 'complete') return;
    this.#answers.get(id)?.(type === 'error' ? payload : payload?.errors);
    this.#answers.delete(id);
  }

  #handle(event: LeanEvent): void {
    if (event.recovered === false) this.#unrecovered += 1;
    this.#cursor = event.cursor;
    if (event.payload === undefined) return;
    const number = Number.parseInt(event.payload, 10);
    if (number !== this.#handled + 1) this.#faults += 1;
    this.#handled = number;
  }

  #forget(): void {
    this.#socket = null;
    for (const tell of this.#answers.values()) tell('The socket has closed.');
    this.#answers.clear();
  }
}

export interface Outpour {
  readonly first: number;
  readonly count: number;
  readonly bytes: number;
  readonly inFlight: number;
  /** Null: as fast as answers come. */
  readonly perSecond: number | null;
}

function asError(failure: unknown): Error {
  return new Error(typeof failure === 'string' ? failure : `A signal was refused: ${JSON.stringify(failure)}`);
}
