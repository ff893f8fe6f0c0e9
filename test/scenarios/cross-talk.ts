import { sendSignalOperation } from '../../src/client/operations.js';
import { TestSocket } from '../support/socket.js';
import type { Addresses } from '../support/talker.js';
import { until } from '../support/until.js';
import { pairsInCalls, type Pair } from './two-writers.js';

const sendText = String(sendSignalOperation);
const inboxText = `subscription {
  inbox { __typename ... on SignalReceived { payload } }
}`;
const everyMs = 50;

/** How long one signal took from node to node, in ms, and when it was sent. */
export interface Crossing {
  readonly sentAt: number;
  readonly tookMs: number;
}

/** One pair of which each sits at another node; one speaks without waiting for answers, the other listens. */
class Line {
  readonly #speaker: TestSocket;
  readonly #listener: TestSocket;
  readonly #callId: string;
  readonly #sentAt: number[] = [];
  readonly crossings: Crossing[] = [];
  /** Signals that were not the one behind the last, and refusals. */
  readonly faults: string[] = [];
  #talking: NodeJS.Timeout | null = null;
  #ready = false;

  constructor(from: Addresses, to: Addresses, { one, other, callId }: Pair) {
    this.#callId = callId;
    this.#speaker = new TestSocket(from.webSocketUrl, one.token);
    this.#listener = new TestSocket(to.webSocketUrl, other.token);
    this.#listener.subscribe(
      { query: inboxText },
      (data) => this.#hear((data as { inbox: { __typename: string; payload?: string } }).inbox),
      (error) => this.faults.push(`the listener: ${String(error)}`),
    );
  }

  get isReady(): boolean {
    return this.#ready;
  }

  isThereUpTo(time: number): boolean {
    const waitingSince = this.#sentAt[this.crossings.length];
    return waitingSince === undefined || waitingSince > time;
  }

  talk(): void {
    this.#talking = setInterval(() => {
      const number = this.#sentAt.push(performance.now());
      const input = { callId: this.#callId, kind: 'CUSTOM', payload: String(number) };
      this.#speaker.query(sendText, { input }).catch((error: unknown) => this.faults.push(`${number}: ${String(error)}`));
    }, everyMs);
  }

  hush(): void {
    clearInterval(this.#talking ?? undefined);
  }

  async close(): Promise<void> {
    this.hush();
    await Promise.all([this.#speaker.close(), this.#listener.close()]);
  }

  #hear({ __typename, payload }: { __typename: string; payload?: string }): void {
    if (__typename === 'Ready') this.#ready = true;
    if (payload === undefined) return;
    if (Number(payload) !== this.crossings.length + 1) this.faults.push(`${payload} behind ${this.crossings.length}`);
    const sentAt = this.#sentAt[Number(payload) - 1] ?? Number.NaN;
    this.crossings.push({ sentAt, tookMs: performance.now() - sentAt });
  }
}

/** Pairs who talk from each node to each other one, without pause. */
export class CrossTalk {
  readonly #pairsEachWay: number;
  readonly #lines: Line[] = [];

  constructor(pairsEachWay: number) {
    this.#pairsEachWay = pairsEachWay;
  }

  /** These two talk to each other from now on. */
  async between(one: Addresses, other: Addresses): Promise<void> {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const lines = (await pairsInCalls(from, this.#pairsEachWay)).map((pair) => new Line(from, to, pair));
      this.#lines.push(...lines);
      for (const line of lines) await until('Ready', () => line.isReady);
      for (const line of lines) line.talk();
    }
  }

  get faults(): readonly string[] {
    return this.#lines.flatMap(({ faults }) => faults);
  }

  /** How long the signals took that were sent in that time, in ms. */
  tookBetween(from: number, to: number): number[] {
    return this.#lines
      .flatMap(({ crossings }) => crossings)
      .filter(({ sentAt }) => sentAt >= from && sentAt < to)
      .map(({ tookMs }) => tookMs);
  }

  /** Whether all that was sent up to then has arrived. */
  isThereUpTo(time: number): boolean {
    return this.#lines.every((line) => line.isThereUpTo(time));
  }

  /** Nothing more is sent. Resolves when all that was sent has arrived. */
  async hush(): Promise<void> {
    for (const line of this.#lines) line.hush();
    await until('all signals to have crossed', () => this.isThereUpTo(performance.now()), { withinMs: 10_000 });
  }

  async close(): Promise<void> {
    await Promise.all(this.#lines.map((line) => line.close()));
  }
}
