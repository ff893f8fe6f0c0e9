import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { RawAnswer } from './raw-socket.js';

/**
 * One HTTP connection that is open before it is used: a request is one write. Many at once cost this machine next to
 * nothing, where it is the server's time that is measured.
 */
export class HttpWire {
  readonly #wire: Socket;
  readonly #path: string;
  readonly #host: string;

  static async open(url: string): Promise<HttpWire> {
    const { hostname, port, host, pathname } = new URL(url);
    const wire = connect(Number(port), hostname);
    await once(wire, 'connect');
    return new HttpWire(wire.setNoDelay(), pathname, host);
  }

  private constructor(wire: Socket, path: string, host: string) {
    this.#wire = wire;
    this.#path = path;
    this.#host = host;
  }

  /** One at a time. Rejects where the connection ends before the answer does. */
  ask(query: string, variables: object): Promise<RawAnswer> {
    const body = Buffer.from(JSON.stringify({ query, variables }));
    const head = `POST ${this.#path} HTTP/1.1\r\nHost: ${this.#host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const answered = Promise.withResolvers<RawAnswer>();
    let received = Buffer.alloc(0);
    const read = (data: Buffer): void => {
      received = Buffer.concat([received, data]);
      const start = received.indexOf('\r\n\r\n') + 4;
      const length = /^content-length: (\d+)/im.exec(received.toString('latin1', 0, start))?.[1];
      if (start > 3 && length !== undefined && received.length >= start + Number(length))
        answered.resolve(JSON.parse(received.toString('utf8', start)) as RawAnswer);
    };
    const ended = (): void => answered.reject(new Error('The connection ended without an answer.'));
    this.#wire
      .on('data', read)
      .once('close', ended)
      .on('error', ended)
      .write(Buffer.concat([Buffer.from(head), body]));
    return answered.promise.finally(() => this.#wire.off('data', read).off('close', ended).off('error', ended));
  }

  cut(): void {
    this.#wire.destroy();
  }
}
