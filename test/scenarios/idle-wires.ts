import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { readdirSync } from 'node:fs';
import { fewAtATime } from '../support/few-at-a-time.js';
import { FrameSocket } from '../support/frame-socket.js';
import type { ServerProcess } from '../support/server-process.js';

const atOnce = 64;
const handshake =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

/** What somebody says who wants to hold a connection, and then nothing more. */
export const beginnings = {
  nothing: '',
  'an upgrade that is not finished': `GET /graphql HTTP/1.1\r\nHost: x\r\n${handshake}`,
  'an upgrade that is refused': `GET /elsewhere HTTP/1.1\r\nHost: x\r\n${handshake}\r\n`,
  'an upgrade with a bad key': `GET /graphql HTTP/1.1\r\nHost: x\r\n${handshake.replace(/Key: \S+/, 'Key: bad')}\r\n`,
} as const;

/** A connection that its holder never closes; `gone` when the server has. */
export class IdleWire {
  readonly #wire: Socket;
  gone = false;

  static async open({ port }: ServerProcess, beginning: string): Promise<IdleWire> {
    // Where the other side has said its last word, this one still does not close.
    const wire = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(wire, 'connect');
    wire.write(beginning);
    return new IdleWire(wire);
  }

  private constructor(wire: Socket) {
    this.#wire = wire;
    const isGone = (): void => void (this.gone = true);
    wire.on('error', isGone).on('close', isGone).on('end', isGone).resume();
  }

  cut(): void {
    this.#wire.destroy();
  }
}

/** Connections and files that the server has open: what it is held by, whatever it counts itself. */
export function openFiles({ pid }: ServerProcess): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** That many, some dozens at once. */
export function openMany<Opened>(count: number, open: (n: number) => Promise<Opened>): Promise<Opened[]> {
  return fewAtATime(count, atOnce, open);
}

/** One that is upgraded and never says who it is; how long until it was told to go, in ms. */
export async function silentSocket(
  url: string,
  answersTheClose: boolean,
): Promise<{ socket: FrameSocket; closed: Promise<{ code: number; afterMs: number }> }> {
  const socket = await FrameSocket.open(url);
  const openedAt = performance.now();
  const closed = socket.closed().then((code) => {
    if (answersTheClose) socket.cut();
    return { code, afterMs: performance.now() - openedAt };
  });
  return { socket, closed };
}
