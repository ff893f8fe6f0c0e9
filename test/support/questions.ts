import { post } from './api.js';
import { type Device, twoInACall } from './device.js';
import { everyOperation, type Asking } from './every-operation.js';
import { RawSocket } from './raw-socket.js';
import type { Addresses } from './talker.js';

/** How one operation was answered. */
export interface Answer {
  readonly way: 'HTTP' | 'WebSocket';
  readonly name: string;
  /** The error's code, or `done`. */
  readonly code: string;
  readonly tookMs: number;
}

const subscriptions: readonly Asking[] = [
  { name: 'inbox (subscription)', query: 'subscription { inbox { __typename } }', variables: {} },
  { name: 'presence (subscription)', query: 'subscription ($ids: [ID!]!) { presence(userIds: $ids) { id } }', variables: {} },
];
const roundEveryMs = 3_000;
const anonymous = new Set(['register', 'login', 'refreshSession']);

/** Somebody in a call who asks for everything there is, by both ways, some of it at once. */
export class Questions {
  readonly answers: Answer[] = [];
  readonly #entrance: Addresses;
  readonly #asker: Device;
  readonly #other: Device;
  readonly #asks: readonly Asking[];
  readonly #subscriptions: readonly Asking[];
  readonly #socket: RawSocket;
  readonly #anonymousSocket: RawSocket;

  /** While all is well: the call and the sockets are there when the questions come. */
  static async prepare(entrance: Addresses): Promise<Questions> {
    const { ana, ben, callId } = await twoInACall(entrance);
    const sockets = await Promise.all([RawSocket.connect(entrance.webSocketUrl, ana.token), RawSocket.connect(entrance.webSocketUrl)]);
    return new Questions(entrance, { asker: ana, other: ben, callId }, sockets);
  }

  private constructor(
    entrance: Addresses,
    { asker, other, callId }: { asker: Device; other: Device; callId: string },
    [socket, anonymousSocket]: [RawSocket, RawSocket],
  ) {
    this.#entrance = entrance;
    this.#asker = asker;
    this.#other = other;
    this.#asks = everyOperation(asker, other, callId);
    this.#subscriptions = subscriptions.map((ask) => ({ ...ask, variables: { ids: [other.userId] } }));
    this.#socket = socket;
    this.#anonymousSocket = anonymousSocket;
  }

  /** Round after round until then, each at a moment of its own. */
  async askUntil(atMs: number): Promise<void> {
    const rounds: Promise<unknown>[] = [];
    do {
      rounds.push(this.#askAll());
      const waitMs = Math.min(roundEveryMs, atMs - performance.now());
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)));
    } while (performance.now() < atMs);
    await Promise.all(rounds);
  }

  async end(): Promise<void> {
    for (const socket of [this.#socket, this.#anonymousSocket]) socket.terminate();
    await Promise.all([this.#asker.leave(), this.#other.leave()]);
  }

  async #askAll(): Promise<void> {
    const overSockets = [...this.#asks, ...this.#subscriptions];
    await Promise.all([
      ...this.#asks.map((ask) => this.#note('HTTP', ask, async () => (await this.#post(ask)).body)),
      ...overSockets.map((ask) => this.#note('WebSocket', ask, () => this.#socketOf(ask).ask(ask.query, ask.variables))),
    ]);
  }

  #post({ name, query, variables }: Asking) {
    return post<Record<string, unknown>>(this.#entrance.url, anonymous.has(name) ? null : this.#asker.token, query, variables);
  }

  #socketOf({ name }: Asking): RawSocket {
    return anonymous.has(name) ? this.#anonymousSocket : this.#socket;
  }

  async #note(way: Answer['way'], { name }: Asking, ask: () => Promise<{ errors?: readonly { extensions?: object }[] }>): Promise<void> {
    const askedAt = performance.now();
    const { errors } = await ask();
    const code = errors === undefined ? 'done' : String((errors[0]?.extensions as { code?: unknown } | undefined)?.code);
    this.answers.push({ way, name, code, tookMs: Math.round(performance.now() - askedAt) });
  }
}
