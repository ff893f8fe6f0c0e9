import { count } from '../count.js';
import { closeCodes, type Connection } from './connection.js';
import type { DrainPlan } from './drain-plan.js';

/** Who a socket belongs to, as far as this server needs to know. */
export interface SocketOwner {
  readonly userId: string;
  readonly deviceId: string;
  readonly tokenExpiresAt: Date;
}

/** What others want to know of sockets that come, go, or are about to end. */
export interface SocketListener<Owner extends SocketOwner> {
  readonly onConnected: (owner: Owner) => void;
  /** `atOnce`: it said goodbye (1000), or was signed out; else its device may be back in a moment. */
  readonly onDisconnected: (owner: Owner, atOnce: boolean) => void;
  /** By the code of the close frame, the client's or ours; 1006 where there was none. */
  readonly onClosed: (code: number) => void;
  /** A minute before the token of a device's sockets ends, or at half of a shorter life. */
  readonly onExpiring: (owner: Owner, expiresAt: Date) => void;
}

export class OpenSocket<Owner extends SocketOwner> {
  readonly connection: Connection;
  /** The second of twelve in which it is pinged, so that many sockets are not pinged in one burst. */
  readonly pingSecond: number;
  owner: Owner | null = null;
  expiresAtMs = Infinity;
  warnAtMs = Infinity;
  gone = false;

  constructor(connection: Connection, pingSecond: number) {
    this.connection = connection;
    this.pingSecond = pingSecond;
  }
}

const pingEverySeconds = 12;
const warnBeforeMs = 60_000;
const endingSoonMs = 3_000;
const drainPollMs = 20;

/** The sockets of this node: who they belong to, how long they may live, whether they are still there. */
export class OpenSockets<Owner extends SocketOwner> {
  readonly #listener: SocketListener<Owner>;
  readonly #nowMs: () => number;
  readonly #open = new Set<OpenSocket<Owner>>();
  readonly #ofUser = new Map<string, number>();
  /** Of nobody, or of nobody yet, by address. */
  readonly #strangers = new Map<string, number>();
  #opened = 0;
  #seconds = 0;
  #tick: NodeJS.Timeout | null = null;

  /** `nowMs`: the time by which tokens end. */
  constructor(listener: SocketListener<Owner>, nowMs: () => number) {
    this.#listener = listener;
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#open.size;
  }

  get subscriptions(): number {
    return [...this.#open].reduce((sum, { connection }) => sum + connection.subscriptions, 0);
  }

  start(): void {
    this.#tick = setInterval(() => this.#everySecond(), 1_000);
  }

  add(connection: Connection): OpenSocket<Owner> {
    const socket = new OpenSocket<Owner>(connection, (this.#opened += 1) % pingEverySeconds);
    this.#open.add(socket);
    count(this.#strangers, connection.address, 1);
    return socket;
  }

  countOf(userId: string): number {
    return this.#ofUser.get(userId) ?? 0;
  }

  /** Sockets of that address which no user has authenticated. */
  strangersAt(address: string): number {
    return this.#strangers.get(address) ?? 0;
  }

  /** The socket is this owner's. Nothing where it has closed meanwhile. */
  bind(socket: OpenSocket<Owner>, owner: Owner): void {
    if (socket.gone) return;
    socket.owner = owner;
    this.#live(socket, owner.tokenExpiresAt.getTime());
    count(this.#strangers, socket.connection.address, -1);
    count(this.#ofUser, owner.userId, 1);
    this.#listener.onConnected(owner);
  }

  /** It has a new stream: whoever reads that has not been told how long the socket lives. */
  warnAgain(socket: OpenSocket<Owner>): void {
    this.#live(socket, socket.expiresAtMs);
  }

  remove(socket: OpenSocket<Owner>, code: number): void {
    this.#open.delete(socket);
    this.#listener.onClosed(code);
    this.#leave(socket, code === 1000);
  }

  /**
   * Ends the sockets of those devices: signed out, revoked, password changed. At the end of this turn of the event loop,
   * so that a device that signs out on its socket has its answer before the close.
   */
  closeDevices(deviceIds: readonly string[]): void {
    const signedOut = new Set(deviceIds);
    setImmediate(() => {
      for (const socket of this.#open) {
        if (socket.owner === null || !signedOut.has(socket.owner.deviceId)) continue;
        socket.connection.close(closeCodes.forbidden, 'Signed out');
        this.#leave(socket, true);
      }
    });
  }

  /** Cuts the connections of a device, without a close frame: as a network does that is lost. How many there were. */
  cutDevice(deviceId: string): number {
    const cut = [...this.#open].filter(({ owner }) => owner?.deviceId === deviceId);
    for (const { connection } of cut) connection.terminate();
    return cut.length;
  }

  /** The device has a new token: its sockets live as long as that. */
  extendDevice(deviceId: string, expiresAt: Date): void {
    for (const socket of this.#open) {
      if (socket.owner?.deviceId === deviceId && expiresAt.getTime() > socket.expiresAtMs) this.#live(socket, expiresAt.getTime());
    }
  }

  /** The devices whose sockets end within a minute and a bit, or are past half of a shorter life: just before they are warned. */
  endingSoon(): string[] {
    const soonMs = this.#nowMs() + endingSoonMs;
    const ending = [...this.#open].filter(
      ({ owner, warnAtMs, expiresAtMs }) => owner !== null && (warnAtMs <= soonMs || warnAtMs > expiresAtMs),
    );
    return [...new Set(ending.flatMap(({ owner }) => owner?.deviceId ?? []))];
  }

  /** Cuts every connection there is, without a close frame. */
  cutAll(): void {
    for (const { connection } of this.#open) connection.terminate();
  }

  /**
   * Sends every client away with 1012, which it comes back from, by that plan, each when what it has under way is
   * answered. Resolves when all are gone; whoever is not after `withinMs` is cut off.
   */
  async drain({ firstMs, lastMs }: DrainPlan, withinMs: number): Promise<void> {
    const startedAt = performance.now();
    const all = [...this.#open];
    const everyMs = (lastMs - firstMs) / all.length;
    for (let closed = 0; this.#open.size > 0;) {
      const sinceMs = performance.now() - startedAt;
      if (sinceMs >= withinMs) break;
      for (; closed < all.length && firstMs + closed * everyMs <= sinceMs; closed += 1)
        all[closed]?.connection.closeWhenIdle(closeCodes.restart, 'Service restart');
      await new Promise((resolve) => setTimeout(resolve, drainPollMs));
    }
    this.cutAll();
  }

  stop(): void {
    if (this.#tick !== null) clearInterval(this.#tick);
    this.cutAll();
  }

  #live(socket: OpenSocket<Owner>, expiresAtMs: number): void {
    const now = this.#nowMs();
    socket.expiresAtMs = expiresAtMs;
    socket.warnAtMs = expiresAtMs - Math.min(warnBeforeMs, Math.max(0, expiresAtMs - now) / 2);
  }

  #leave(socket: OpenSocket<Owner>, atOnce: boolean): void {
    if (socket.gone) return;
    socket.gone = true;
    const { owner, connection } = socket;
    if (owner === null) return count(this.#strangers, connection.address, -1);
    count(this.#ofUser, owner.userId, -1);
    this.#listener.onDisconnected(owner, atOnce);
  }

  #everySecond(): void {
    this.#seconds += 1;
    const now = this.#nowMs();
    const warned = new Set<string>();
    for (const socket of this.#open) {
      const { connection, owner, expiresAtMs, pingSecond } = socket;
      if (pingSecond === this.#seconds % pingEverySeconds) connection.checkAlive();
      if (expiresAtMs <= now) connection.close(closeCodes.forbidden, 'Session expired');
      if (owner === null || socket.warnAtMs > now) continue;
      socket.warnAtMs = Infinity;
      if (!warned.has(owner.deviceId)) this.#listener.onExpiring(owner, new Date(expiresAtMs));
      warned.add(owner.deviceId);
    }
  }
}
