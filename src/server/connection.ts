import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Limits } from '../limits.js';
import { Intake } from './intake.js';
import { textFrames } from './text-frames.js';

/** Close codes that this server gives; what a client does with each stands in docs/errors.md. */
export const closeCodes = { restart: 1012, overload: 1013, internal: 1011, badMessage: 4400, forbidden: 4403 } as const;

/** Delivery of events pauses here; other answers go on up to a limit of their own. */
const pauseBytes = 262_144;
const drainTimeoutMs = 30_000;

/** Those that have something to say in this turn of the event loop: what each says leaves in one write at its end. */
const speaking: Connection[] = [];

function flushAtTurnsEnd(connection: Connection): void {
  if (speaking.length === 0) setImmediate(flushAll);
  speaking.push(connection);
}

function flushAll(): void {
  for (const connection of speaking.splice(0)) connection.flush();
}

/** One WebSocket with what the server knows of it: who it is, what it has not read yet, whether it is still there. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #wire: Socket;
  readonly #limits: Limits;
  /** Whose counts it is in, where it is nobody's yet. */
  readonly address: string;
  #intake: Intake | null = null;
  #pingNonce: string | null = null;
  #unsentSince: number | null = null;
  /** Said in this turn. */
  #said: string[] = [];
  #saidLength = 0;
  #whenSaid: (() => void)[] = [];
  #underWay = 0;
  #leaves: { readonly code: number; readonly reason: string } | null = null;
  subscriptions = 0;

  constructor({ socket, wire, address, limits }: { socket: WebSocket; wire: Socket; address: string; limits: Limits }) {
    this.#socket = socket;
    this.#wire = wire;
    this.address = address;
    this.#limits = limits;
    // ws closes by itself too, where its peer does so or a frame is wrong: what was said before that goes out before it.
    const close = socket.close.bind(socket);
    socket.close = (code, reason) => {
      this.flush();
      close(code, reason);
    };
    socket.on('pong', (payload) => {
      if (payload.toString() === this.#pingNonce) this.#pingNonce = null;
    });
  }

  get #unsent(): number {
    return this.#socket.bufferedAmount + this.#saidLength;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** It takes no more operations: it is closing, or closes as soon as those under way are answered. */
  get isLeaving(): boolean {
    return this.#leaves !== null || !this.isOpen;
  }

  /** `take` is given the messages one by one, in order, as fast as the limits allow, until it leaves. */
  onMessage(take: (message: string) => void): void {
    const intake = new Intake({ socket: this.#socket, limits: this.#limits, underWay: () => this.#underWay, take });
    this.#intake = intake;
    this.#socket.on('message', (data: Buffer) => {
      if (!this.isLeaving) intake.offer(data);
    });
    this.#socket.once('close', () => intake.end());
  }

  operationBegins(): void {
    this.#underWay += 1;
  }

  operationEnds(): void {
    this.#underWay -= 1;
    this.#leaveIfIdle();
    this.#intake?.goOn();
  }

  /** Closes it when what is under way is answered. What comes meanwhile is not looked at: its sender asks again elsewhere. */
  closeWhenIdle(code: number, reason: string): void {
    this.#leaves ??= { code, reason };
    this.#intake?.end();
    this.#leaveIfIdle();
  }

  #leaveIfIdle(): void {
    const leaves = this.#leaves;
    if (leaves === null || this.#underWay > 0) return;
    // The last answer is still being written in this turn of the event loop.
    setImmediate(() => this.#socket.close(leaves.code, leaves.reason));
  }

  /**
   * Nothing while there is room, else a promise until this message has left: whoever delivers in a loop waits, whoever
   * answers goes on until the limit closes the socket. A socket that is closing takes nothing more, and whoever delivers
   * to it waits for its own end instead of reading on for nobody.
   */
  send(message: string): Promise<void> | undefined {
    if (!this.isOpen) return new Promise(() => undefined);
    const unsent = this.#unsent + message.length;
    if (unsent > Math.max(pauseBytes, this.#limits.LIMIT_UNSENT_BYTES)) {
      this.drop(closeCodes.overload, 'Too much unread');
      return new Promise(() => undefined);
    }
    if (this.#said.length === 0) flushAtTurnsEnd(this);
    this.#said.push(message);
    this.#saidLength += message.length;
    if (unsent <= pauseBytes) return undefined;
    this.#unsentSince ??= performance.now();
    return new Promise((resolve) => this.#whenSaid.push(resolve));
  }

  /** Writes what was said in this turn, unless the last frame, which says that it closes, is written already. */
  flush(): void {
    const said = this.#said;
    const whenSaid = this.#whenSaid;
    this.#said = [];
    this.#saidLength = 0;
    this.#whenSaid = [];
    if (said.length === 0 || !this.isOpen) return;
    if (whenSaid.length === 0) this.#wire.write(textFrames(said));
    else this.#wire.write(textFrames(said), () => this.#left(whenSaid));
  }

  #left(whenSaid: readonly (() => void)[]): void {
    if (this.#unsent <= pauseBytes) this.#unsentSince = null;
    for (const resolve of whenSaid) resolve();
  }

  close(code: number, reason: string): void {
    this.#intake?.end();
    // A close frame has no room for more, and the reason may repeat what its peer has sent.
    this.#socket.close(code, Buffer.byteLength(reason) > 123 ? '' : reason);
  }

  /** Closes a socket whose peer may not be reading: the close frame gets a moment, then the connection goes. */
  drop(code: number, reason: string): void {
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), 1_000).unref();
  }

  /** Every 12 seconds: a peer that answered the last ping is asked again, one that did not, or does not drain, is gone. */
  checkAlive(): void {
    const wasHeldBack = this.#intake?.wasHeldBack() ?? false;
    if (this.#pingNonce !== null && !wasHeldBack) return this.#socket.terminate();
    if (this.#unsentSince !== null && performance.now() - this.#unsentSince > drainTimeoutMs)
      return this.drop(closeCodes.overload, 'Too much unread');
    if (!this.isOpen || this.#pingNonce !== null) return;
    // A pong that was not asked for must not count.
    this.#pingNonce = Math.random().toString(36).slice(2);
    this.#socket.ping(this.#pingNonce);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
