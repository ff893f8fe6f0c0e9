import { request, type IncomingMessage } from 'node:http';

export interface RawRequest {
  readonly method?: string;
  /** Instead of the address's own, with its query string. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface RawReply {
  /** The status and the headers, a line each; empty where the connection was cut. */
  readonly head: string;
  readonly body: string;
}

/** One request as it is given, on a connection of its own, and all that came back; also where it was an upgrade, or was cut off. */
export function askRaw(address: string, { method = 'POST', path, headers = {}, body = '' }: RawRequest): Promise<RawReply> {
  const { hostname, port, pathname } = new URL(address);
  return new Promise((resolve) => {
    const reply = { head: '', body: '' };
    const done = (): void => resolve(reply);
    const hearHead = (response: IncomingMessage): void =>
      void (reply.head = [`${response.statusCode} ${response.statusMessage}`, ...response.rawHeaders].join('\n'));
    const asked = request({ hostname, port, path: path ?? pathname, method, agent: false, headers });
    asked.on('response', (response) => {
      hearHead(response);
      response.setEncoding('utf8').on('data', (text: string) => (reply.body += text));
      response.on('end', done).on('error', done);
    });
    asked.on('upgrade', (response, socket) => {
      hearHead(response);
      socket.destroy();
      done();
    });
    asked.on('error', done);
    asked.end(body);
  });
}
