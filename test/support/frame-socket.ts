import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { RawAnswer } from './raw-socket.js';
import { until } from './until.js';

/** The opcodes of RFC 6455, section 5.2. */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameParts {
  readonly opcode?: number;
  readonly payload?: string | Uint8Array;
  /** The last of its message. */
  readonly fin?: boolean;
  /** RSV1 to RSV3, which only extensions may set. */
  readonly reserved?: number;
  /** Clients have to. */
  readonly masked?: boolean;
}

/** A frame as it goes over the wire, as wrong as it is wanted. */
export function frame({ opcode = opcodes.text, payload = '', fin = true, reserved = 0, masked = true }: FrameParts): Buffer {
  const body = Buffer.from(payload as string);
  const extended = body.length < 126 ? 0 : body.length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + extended);
  head[0] = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  head[1] = (masked ? 0x80 : 0) | (extended === 0 ? body.length : extended === 2 ? 126 : 127);
  if (extended === 2) head.writeUInt16BE(body.length, 2);
  if (extended === 8) head.writeBigUInt64BE(BigInt(body.length), 2);
  if (!masked) return Buffer.concat([head, body]);
  const mask = randomBytes(4);
  for (let n = 0; n < body.length; n += 1) body[n]! ^= mask[n % 4]!;
  return Buffer.concat([head, mask, body]);
}

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/**
 * A WebSocket made by hand from a TCP connection: for frames that no library would send, and for many at once that cost
 * this machine next to nothing. It answers nothing by itself.
 */
export class FrameSocket {
  readonly #wire: Socket;
  /** Messages of the protocol that came. */
  readonly messages: Message[] = [];
  /** What the pings carried that came. */
  readonly pings: Buffer[] = [];
  readonly #asked = new Map<string, PromiseWithResolvers<RawAnswer>>();
  #received: Buffer = Buffer.alloc(0);
  #isUpgraded = false;
  #closeCode: number | null = null;
  #isGone = false;

  /** Resolves when the handshake is done. `acknowledged`: and the connection, for nobody or by that token. */
  static async open(url: string, { acknowledged = false, token = null as string | null } = {}): Promise<FrameSocket> {
    const { hostname, port, pathname } = new URL(url);
    const wire = connect(Number(port), hostname);
    const socket = new FrameSocket(wire);
    await once(wire, 'connect');
    wire.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`,
    );
    await until('the handshake', () => socket.#isUpgraded, { withinMs: 20_000 });
    if (!acknowledged) return socket;
    socket.say({ type: 'connection_init', ...(token === null ? {} : { payload: { Authorization: `Bearer ${token}` } }) });
    await until('the acknowledgement', () => socket.messages.some(({ type }) => type === 'connection_ack'), { withinMs: 20_000 });
    return socket;
  }

  private constructor(wire: Socket) {
    this.#wire = wire;
    wire.setNoDelay();
    wire.on('data', (data) => this.#read(data));
    wire.on('error', () => this.#ended());
    wire.on('close', () => this.#ended());
  }

  /** Of the close frame that came; 1006 where the connection ended without one; null while there is neither. */
  get closeCode(): number | null {
    return this.#closeCode ?? (this.#isGone ? 1006 : null);
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Resolves when the operating system has taken it; at once where the connection is gone. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#isGone) return Promise.resolve();
    return new Promise((resolve) => this.#wire.write(bytes, () => resolve()));
  }

  say(message: object): void {
    void this.write(frame({ payload: JSON.stringify(message) }));
  }

  /** Resolves with the first answer, whether it came as a result or as an `error`. Rejects where the connection ends before. */
  ask(query: string, variables: object): Promise<RawAnswer> {
    const id = `${this.#asked.size + 1}`;
    const asked = Promise.withResolvers<RawAnswer>();
    this.#asked.set(id, asked);
    if (this.#isGone) this.#ended();
    else this.say({ id, type: 'subscribe', payload: { query, variables } });
    return asked.promise;
  }

  /** Resolves with the code that it was closed with. */
  closed(withinMs = 20_000): Promise<number> {
    return until('the close', () => this.closeCode, { withinMs });
  }

  stopReading(): void {
    this.#wire.pause();
  }

  cut(): void {
    this.#wire.destroy();
  }

  #ended(): void {
    this.#isGone = true;
    for (const { reject } of this.#asked.values()) reject(new Error('The connection ended without an answer.'));
  }

  #read(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data]);
    if (!this.#isUpgraded) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end === -1) return;
      this.#isUpgraded = this.#received.toString('latin1', 9, 12) === '101';
      this.#received = this.#received.subarray(end + 4);
    }
    while (this.#readFrame());
  }

  /** False where there is no whole one. A server masks nothing, and this one sends no fragments. */
  #readFrame(): boolean {
    const all = this.#received;
    if (all.length < 2) return false;
    const short = all[1]! & 0x7f;
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (all.length < start) return false;
    const length = short < 126 ? short : short === 126 ? all.readUInt16BE(2) : Number(all.readBigUInt64BE(2));
    if (all.length < start + length) return false;
    const payload = all.subarray(start, start + length);
    const opcode = all[0]! & 0x0f;
    if (opcode === opcodes.text) this.#heard(JSON.parse(payload.toString()) as Message);
    if (opcode === opcodes.ping) this.pings.push(Buffer.from(payload));
    if (opcode === opcodes.close) this.#closeCode = length < 2 ? 1005 : payload.readUInt16BE(0);
    this.#received = all.subarray(start + length);
    return true;
  }

  #heard(message: Message): void {
    this.messages.push(message);
    const { type, id = '', payload } = message;
    if (type === 'error') this.#asked.get(id)?.resolve({ errors: payload as NonNullable<RawAnswer['errors']> });
    if (type === 'next') this.#asked.get(id)?.resolve(payload as RawAnswer);
  }
}
