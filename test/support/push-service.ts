import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Pushed {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A push service as browsers' vendors run them (RFC 8030), for one browser, whose keys it has: it can read what it is given. */
export class PushService {
  readonly #browser = createECDH('prime256v1');
  readonly #auth = randomBytes(16);
  readonly #server: Server;
  readonly pushed: Pushed[] = [];
  /** What it answers. */
  status = 201;

  static async start(): Promise<PushService> {
    const service = new PushService();
    service.#server.listen(0, '127.0.0.1');
    await once(service.#server, 'listening');
    return service;
  }

  private constructor() {
    this.#browser.generateKeys();
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.pushed.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
        response.writeHead(this.status).end();
      });
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As `JSON.stringify(await registration.pushManager.subscribe(…))` in the browser. */
  subscription(name: string): object {
    const keys = { p256dh: this.#browser.getPublicKey('base64url'), auth: this.#auth.toString('base64url') };
    return { endpoint: `${this.origin}/${name}`, expirationTime: null, keys };
  }

  /** The message, as the browser would hand it to the service worker: RFC 8291 with the content coding of RFC 8188. */
  read({ body }: Pushed): string {
    const salt = body.subarray(0, 16);
    const serverKeyEnd = 21 + body.readUInt8(20);
    const serverKey = body.subarray(21, serverKeyEnd);
    const shared = this.#browser.computeSecret(serverKey);
    const keyInfo = Buffer.concat([Buffer.from('WebPush: info\0'), this.#browser.getPublicKey(), serverKey]);
    const secret = Buffer.from(hkdfSync('sha256', shared, this.#auth, keyInfo, 32));
    const key = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: aes128gcm\0', 16));
    const nonce = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: nonce\0', 12));
    const decipher = createDecipheriv('aes-128-gcm', key, nonce);
    decipher.setAuthTag(body.subarray(-16));
    const record = Buffer.concat([decipher.update(body.subarray(serverKeyEnd, -16)), decipher.final()]);
    return record.subarray(0, record.lastIndexOf(2)).toString();
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
