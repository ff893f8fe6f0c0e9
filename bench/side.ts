import type { Line } from './script.ts';
import { LINES_PER_SIDE, lines, PLACE, type Role, sequenceText } from './script.ts';
import { fill, type ReceivedSignal, type Wire } from './wire.ts';

export interface SideEvents {
  /** Milliseconds from the other side's `send` to here. */
  received(line: Line, latencyMs: number): void;
  acknowledged(): void;
  failed(error: Error): void;
}

/**
 * One side of a pair. Sends its lines in order, as many as it was allowed and no more than `window` unacknowledged at
 * a time, and holds the other side's signals to the promise: each once, and with the content it was sent with.
 */
export class Side {
  readonly #wire: Wire;
  readonly #script: readonly Line[];
  readonly #sentAtMs: Float64Array;
  readonly #acknowledged: Uint8Array;
  readonly #received: Uint8Array;
  #allowed = 0;
  #inFlight = 0;
  #nextSequence = 0;
  #nextExpected = 0;
  #other: Side | null = null;
  #events: SideEvents | null = null;
  /** Signals that arrived before one that was sent earlier. Not an error of the peers, which promise no order. */
  outOfOrder = 0;
  window: number;

  constructor(role: Role, wire: Wire, window: number, totalRounds: number) {
    this.#wire = wire;
    this.#script = lines(role);
    this.window = window;
    this.#sentAtMs = new Float64Array(totalRounds * LINES_PER_SIDE);
    this.#acknowledged = new Uint8Array(totalRounds * LINES_PER_SIDE);
    this.#received = new Uint8Array(totalRounds * LINES_PER_SIDE);
  }

  start(other: Side, events: SideEvents): void {
    this.#other = other;
    this.#events = events;
    this.#wire.socket.on('message', (data: Buffer) => {
      try {
        this.#read(data.toString());
      } catch (error) {
        events.failed(error as Error);
      }
    });
    this.#wire.socket.on('close', (code) => events.failed(new Error(`The program closed the socket: ${code}`)));
  }

  allow(count: number): void {
    this.#allowed += count;
    this.#send();
  }

  stop(): void {
    this.#wire.socket.removeAllListeners('close');
    this.#wire.socket.terminate();
  }

  #send(): void {
    while (this.#allowed > 0 && this.#inFlight < this.window) {
      const sequence = this.#nextSequence;
      this.#nextSequence += 1;
      this.#allowed -= 1;
      this.#inFlight += 1;
      const parts = this.#wire.frames[sequence % LINES_PER_SIDE]!;
      this.#sentAtMs[sequence] = performance.now();
      this.#wire.socket.send(fill(parts, sequence));
    }
  }

  #read(text: string): void {
    const incoming = this.#wire.read(text);
    if (incoming === null) return;
    if (incoming.type === 'receipt') return this.#acknowledge(incoming.sequence);
    const arrivedAtMs = performance.now();
    const { line, sentAtMs } = this.#other!.verify(incoming.signal);
    this.#events!.received(line, arrivedAtMs - sentAtMs);
  }

  #acknowledge(sequence: number): void {
    if (this.#acknowledged[sequence] !== 0) throw new Error(`Signal ${sequence} was acknowledged twice, or never sent.`);
    this.#acknowledged[sequence] = 1;
    this.#inFlight -= 1;
    this.#send();
    this.#events!.acknowledged();
  }

  /** Called on the sender, which knows what it sent. */
  verify(signal: ReceivedSignal): { line: Line; sentAtMs: number } {
    if (signal.callId !== this.#wire.callId || signal.fromDeviceId !== this.#wire.deviceId) {
      throw new Error(`A signal of call ${signal.callId} from ${signal.fromDeviceId} arrived at a stranger.`);
    }
    const isDescription = signal.kind !== 'ICE_CANDIDATE';
    const at = this.#script[isDescription ? 0 : 1]!.payload.indexOf(PLACE);
    const sequence = Number(signal.payload.slice(at, at + PLACE.length));
    const line = this.#script[sequence % LINES_PER_SIDE];
    if (!line || !(sequence < this.#nextSequence)) throw new Error(`Signal ${sequence} was never sent.`);
    if (line.kind !== signal.kind || signal.payload !== line.payload.replace(PLACE, sequenceText(sequence))) {
      throw new Error(`Signal ${sequence} did not arrive as it was sent.`);
    }
    if (this.#received[sequence] !== 0) throw new Error(`Signal ${sequence} arrived twice.`);
    this.#received[sequence] = 1;
    if (sequence !== this.#nextExpected) this.outOfOrder += 1;
    this.#nextExpected = sequence + 1;
    if (this.#wire.sendsReceipts === false) this.#acknowledge(sequence);
    return { line, sentAtMs: this.#sentAtMs[sequence]! };
  }
}
