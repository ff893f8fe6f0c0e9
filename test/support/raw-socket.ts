import type { GraphQLFormattedError } from 'graphql';
import WebSocket from 'ws';
import { until } from './until.js';

interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
  /** As it came. */
  readonly text: string;
}

export interface RawAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** A WebSocket that speaks graphql-transport-ws frame by frame: for what a well-behaved client would never send, or never shows. */
export class RawSocket {
  readonly frames: Frame[] = [];
  readonly opened: Promise<unknown>;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  #asked = 0;

  constructor(url: string, protocol: string | string[] = 'graphql-transport-ws') {
    this.#socket = new WebSocket(url, protocol);
    this.#socket.on('message', (data: Buffer) => this.frames.push({ ...(JSON.parse(data.toString()) as Frame), text: data.toString() }));
    this.#socket.on('error', () => undefined);
    this.opened = new Promise((resolve) => this.#socket.once('open', resolve));
    this.closed = new Promise((resolve) => this.#socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })));
  }

  /** Resolves when the server has acknowledged the connection. */
  static async connect(url: string, token: string | null = null): Promise<RawSocket> {
    const socket = new RawSocket(url);
    await socket.send({ type: 'connection_init', ...(token === null ? {} : { payload: { Authorization: `Bearer ${token}` } }) });
    await socket.frame('connection_ack');
    return socket;
  }

  async send(message: object | string): Promise<void> {
    if (this.#socket.readyState === WebSocket.CONNECTING) await this.opened;
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  frame(type: string, id?: string): Promise<Frame> {
    return until(`a ${type} frame`, () => this.frames.find((frame) => frame.type === type && frame.id === id));
  }

  /** The first answer to an operation, whether it came as a result or as an `error`. */
  async ask(query: string, variables: object = {}, id = `${(this.#asked += 1)}`): Promise<RawAnswer> {
    await this.send({ id, type: 'subscribe', payload: { query, variables } });
    const frame = await until('an answer', () => this.frames.find((it) => it.id === id && it.type !== 'complete'));
    return frame.type === 'error' ? { errors: frame.payload as readonly GraphQLFormattedError[] } : (frame.payload as RawAnswer);
  }

  /** From now on nothing is read, as by a client that hangs. */
  stopReading(): void {
    this.#socket.pause();
  }

  terminate(): void {
    this.#socket.terminate();
  }
}

/** The status that a handshake is answered with: 101 where it becomes a WebSocket. */
export function handshake(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { headers });
    socket.once('open', () => {
      resolve(101);
      socket.terminate();
    });
    socket.once('unexpected-response', (request, response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    socket.once('error', reject);
  });
}
