import type { WebSocket } from 'ws';
import type { Limits } from '../limits.js';

export interface IntakeOptions {
  readonly socket: Pick<WebSocket, 'pause' | 'resume'>;
  readonly limits: Pick<Limits, 'LIMIT_OPERATIONS_PER_SECOND' | 'LIMIT_OPERATIONS_BURST' | 'LIMIT_OPERATIONS_IN_FLIGHT'>;
  /** Operations of this socket that are not answered yet. Whatever makes it smaller calls `goOn`. */
  readonly underWay: () => number;
  readonly take: (message: string) => void;
}

/**
 * Takes the messages of one socket in order, and no faster than its limits: past them it is not read for a while. TCP
 * holds its sender back then; nothing is refused, for a refusal in the middle would change the order of signals. What
 * was read already waits here, and that is at most what the kernel gives in one read.
 */
export class Intake {
  readonly #socket: IntakeOptions['socket'];
  readonly #underWay: () => number;
  readonly #take: IntakeOptions['take'];
  readonly #perMs: number;
  readonly #burst: number;
  readonly #mostUnderWay: number;
  readonly #waiting: Buffer[] = [];
  #allowed: number;
  #countedAtMs = performance.now();
  #timer: NodeJS.Timeout | null = null;
  #heldBack = false;
  #isGoingOn = false;

  constructor({ socket, limits, underWay, take }: IntakeOptions) {
    this.#socket = socket;
    this.#underWay = underWay;
    this.#take = take;
    this.#perMs = limits.LIMIT_OPERATIONS_PER_SECOND / 1_000;
    this.#burst = this.#perMs === 0 ? Infinity : limits.LIMIT_OPERATIONS_BURST || Infinity;
    this.#allowed = this.#burst;
    this.#mostUnderWay = limits.LIMIT_OPERATIONS_IN_FLIGHT || Infinity;
  }

  /** Whether it has been held back since this was asked last: a pong may be among what was not read. */
  wasHeldBack(): boolean {
    const was = this.#heldBack;
    this.#heldBack = this.#waiting.length > 0;
    return was;
  }

  offer(message: Buffer): void {
    if (this.#waiting.length === 0 && this.#mayTake()) return this.#take(message.toString());
    this.#waiting.push(message);
    if (this.#waiting.length > 1) return;
    this.#heldBack = true;
    this.#socket.pause();
    this.goOn();
  }

  /** Takes what waits, as far as that is allowed by now. Nothing where it is about that already: what it takes may be answered at once. */
  goOn(): void {
    if (this.#waiting.length === 0 || this.#isGoingOn) return;
    this.#isGoingOn = true;
    while (this.#waiting[0] !== undefined && this.#mayTake()) this.#take(this.#waiting.shift()!.toString());
    this.#isGoingOn = false;
    if (this.#waiting.length === 0) return this.#socket.resume();
    // Where it waits for answers, those go on with it.
    if (this.#allowed < 1) this.#timer ??= setTimeout(() => this.#again(), Math.ceil((1 - this.#allowed) / this.#perMs));
  }

  /** Nothing more is taken. It is read on all the same, for the close frame that its peer sends. */
  end(): void {
    this.#waiting.length = 0;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#socket.resume();
  }

  #again(): void {
    this.#timer = null;
    this.goOn();
  }

  #mayTake(): boolean {
    if (this.#underWay() >= this.#mostUnderWay) return false;
    if (this.#burst === Infinity) return true;
    const nowMs = performance.now();
    this.#allowed = Math.min(this.#burst, this.#allowed + (nowMs - this.#countedAtMs) * this.#perMs);
    this.#countedAtMs = nowMs;
    if (this.#allowed < 1) return false;
    this.#allowed -= 1;
    return true;
  }
}
