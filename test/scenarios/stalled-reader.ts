import { sendSignalOperation } from '../../src/client/operations.js';
import { twoInACall, type Device } from '../support/device.js';
import { TestSocket } from '../support/socket.js';
import type { Addresses } from '../support/talker.js';
import { until } from '../support/until.js';

const sendText = String(sendSignalOperation);
/** The least that a client needs. */
const inboxText = `subscription ($after: ID) {
  inbox(after: $after) { __typename cursor ... on Ready { recovered } ... on SignalReceived { payload } }
}`;
const inFlight = 400;

interface LeanEvent {
  readonly __typename: string;
  readonly cursor: string;
  readonly recovered?: boolean;
  readonly payload?: string;
}

/** Two in a call: one sends without end, the other reads, or has stopped to. */
export class Flood {
  readonly #node: Addresses;
  readonly #sender: Device;
  readonly #reader: Device;
  readonly #callId: string;
  readonly #handled: number[] = [];
  #cursor: string | null = null;
  #sent = 0;
  #sockets: TestSocket[] = [];

  static async begin(node: Addresses): Promise<Flood> {
    const { ana, ben, callId } = await twoInACall(node);
    await ben.leave();
    return new Flood(node, ana, ben, callId);
  }

  private constructor(node: Addresses, sender: Device, reader: Device, callId: string) {
    this.#node = node;
    this.#sender = sender;
    this.#reader = reader;
    this.#callId = callId;
  }

  get sent(): number {
    return this.#sent;
  }

  /** Numbers of the signals that the reader has handled. */
  get handled(): readonly number[] {
    return this.#handled;
  }

  /** That many signals, some hundreds under way at once. */
  async send(count: number, bytes: number): Promise<void> {
    const goal = this.#sent + count;
    const sendUntilGoal = async (): Promise<void> => {
      while (this.#sent < goal) {
        const payload = `${(this.#sent += 1)} `.padEnd(bytes, 'candidate ');
        await this.#sender.socket.query(sendText, { input: { callId: this.#callId, kind: 'CUSTOM', payload } });
      }
    };
    await Promise.all(Array.from({ length: inFlight }, sendUntilGoal));
  }

  /** The reader subscribes behind what it has handled. */
  async listen(): Promise<void> {
    const socket = new TestSocket(this.#node.webSocketUrl, this.#reader.token);
    this.#sockets.push(socket);
    const ready = Promise.withResolvers<void>();
    socket.subscribe(
      { query: inboxText, variables: { after: this.#cursor } },
      (data) => {
        if (this.#sockets.at(-1) !== socket) return;
        const { inbox: event } = data as { inbox: LeanEvent };
        if (event.recovered === false && this.#cursor !== null) ready.reject(new Error('The reader was not recovered.'));
        if (event.payload !== undefined) this.#handled.push(Number.parseInt(event.payload, 10));
        this.#cursor = event.cursor;
        ready.resolve();
      },
      ready.reject,
    );
    await ready.promise;
  }

  /** Subscribes again, and reads nothing more; what is still in its buffers it never handles. */
  async stall(): Promise<void> {
    await this.listen();
    this.#sockets.at(-1)?.stall();
  }

  /** Gives up the sockets it has had, as a phone that comes out of the tunnel, and goes on from its cursor. */
  async comeBack(): Promise<void> {
    for (const socket of this.#sockets.splice(0)) socket.cut();
    await this.listen();
  }

  async handledAll(withinMs: number): Promise<void> {
    await until(`all ${this.#sent} signals`, () => this.#handled.length >= this.#sent, { withinMs, everyMs: 50 });
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) socket.cut();
    await this.#sender.leave();
  }
}

/** Two in a call of their own who say something about fifty times a second; how long each took to arrive, in ms. */
export async function bystanders(node: Addresses): Promise<{ stop(): Promise<number[]> }> {
  const { ana, ben, callId } = await twoInACall(node);
  const latencies: number[] = [];
  let over = false;
  const talking = (async () => {
    for (let n = 0; !over; n += 1) {
      const sentAt = performance.now();
      const payload = `bystander ${n}`;
      const arrived = ben.received(payload);
      await ana.stream(callId, 'CUSTOM', payload);
      await arrived;
      latencies.push(performance.now() - sentAt);
      // What has been seen need not be searched again.
      ben.events.splice(0);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  talking.catch(() => undefined);
  return {
    async stop() {
      over = true;
      try {
        await talking;
      } finally {
        await Promise.all([ana.leave(), ben.leave()]);
      }
      return latencies;
    },
  };
}
