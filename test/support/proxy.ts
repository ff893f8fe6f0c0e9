import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A connection through the proxy: the client's end and the server's. */
interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** To a WebSocket. */
  isUpgraded: boolean;
}

/** A network between a client and a server that does what networks do: it resets, falls silent, loses answers, leads elsewhere. */
export class Proxy {
  readonly #server: Server;
  readonly #open = new Set<Pair>();
  #port: number;
  #isSilent = false;
  #isDown = false;
  #lost: string | null = null;
  #asked = '';
  /** Connections that were made through it, the lost ones included. */
  made = 0;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.#port = port;
    server.on('connection', (near) => this.#accept(near));
  }

  /** Leads to the server at that address. */
  static async start({ url }: { readonly url: string }): Promise<Proxy> {
    const proxy = new Proxy(createServer({ allowHalfOpen: true }), Number(new URL(url).port));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/graphql`;
  }

  /** New connections go to another server. Those that are kept for requests end: a WebSocket may be asked for over one. */
  leadTo({ url }: { readonly url: string }): void {
    this.#port = Number(new URL(url).port);
    for (const { near, isUpgraded } of this.#open) if (!isUpgraded) near.end();
  }

  /** Resets every connection there is. */
  cut(): void {
    for (const pair of this.#open) this.#reset(pair);
  }

  /** No connection can be made until `comeUp`, and those there are get reset. */
  goDown(): void {
    this.#isDown = true;
    this.cut();
  }

  comeUp(): void {
    this.#isDown = false;
  }

  /** From now on the connections there are carry nothing, and nobody is told; those made before `speak` neither. */
  fallSilent(): void {
    this.#isSilent = true;
    for (const { near, far } of this.#open) {
      near.removeAllListeners('data').resume();
      far.removeAllListeners('data').resume();
      far.removeAllListeners('close');
    }
  }

  /** New connections work again. */
  speak(): void {
    this.#isSilent = false;
  }

  /** The next answer that contains this is lost, with its connection: the server has done it, and the client does not know. */
  loseAnswer(text: string): void {
    this.#lost = text;
  }

  /** How often clients have sent this; over HTTP, for the frames of a WebSocket are masked. */
  timesAsked(text: string): number {
    return this.#asked.split(text).length - 1;
  }

  get hasLostIt(): boolean {
    return this.#lost === null;
  }

  /** Closes every WebSocket with that code, as the server would. */
  closeWith(code: number): void {
    for (const { near, far } of this.#open) {
      near.end(Buffer.from([0x88, 2, code >> 8, code & 255]));
      far.destroy();
    }
  }

  async stop(): Promise<void> {
    this.goDown();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(near: Socket): void {
    this.made += 1;
    near.on('error', () => undefined);
    if (this.#isDown) return void near.resetAndDestroy();
    if (this.#isSilent) near.resume();
    const far = this.#isSilent ? new (near.constructor as typeof Socket)() : connect(this.#port, '127.0.0.1');
    const pair: Pair = { near, far, isUpgraded: false };
    this.#open.add(pair);
    far.on('error', () => this.#reset(pair));
    near.on('close', () => this.#reset(pair));
    if (this.#isSilent) return;
    far.on('close', () => near.end());
    near.on('data', (data) => {
      far.write(data);
      // What follows is masked.
      if (pair.isUpgraded) return;
      const text = data.toString('latin1');
      this.#asked += text;
      pair.isUpgraded = /^upgrade: websocket/im.test(text);
    });
    near.on('end', () => far.end());
    far.on('end', () => near.end());
    far.on('data', (data) => {
      if (this.#lost !== null && data.includes(this.#lost)) {
        this.#lost = null;
        this.#reset(pair);
      } else near.write(data);
    });
  }

  #reset(pair: Pair): void {
    this.#open.delete(pair);
    pair.near.resetAndDestroy();
    pair.far.destroy();
  }
}
