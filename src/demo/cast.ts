import { randomBytes } from 'node:crypto';
import { Peer } from './peer.js';
import { Progress } from './progress.js';
import { login, register, SignalingClient, type Session } from './signaling-client.js';

/** Who takes part in a story: signed in as they come, and signed out when it is over. */
export class Cast implements AsyncDisposable {
  readonly progress: Progress;
  readonly #url: string;
  readonly #signal: AbortSignal;
  readonly #opened = new AsyncDisposableStack();
  readonly #failures: Promise<never>[];
  readonly #passwords = new Map<string, string>();

  constructor(url: string, say: (text: string) => void, signal: AbortSignal) {
    this.progress = new Progress((line) => say(`${line}\n`));
    this.#url = url;
    this.#signal = signal;
    const stopped = aborted(signal, this.progress);
    stopped.catch(() => undefined);
    this.#failures = [stopped];
  }

  /** Somebody new, on a first device. `waits`: see Peer. */
  async register(name: string, { device = name, waits = false } = {}): Promise<Peer> {
    const username = `${name}-${randomBytes(4).toString('hex')}`;
    const password = randomBytes(18).toString('base64url');
    const session = await register(this.#url, { username, password, deviceName: device }, this.#signal);
    this.#passwords.set(username, password);
    this.progress.mark(device, 'registered', `as ${username}`);
    return this.#enter(device, session, waits);
  }

  /** Another device of the same user, which waits. */
  async another(first: Peer, device: string): Promise<Peer> {
    const { username } = first.client.session.user;
    const session = await login(this.#url, { username, password: this.#passwords.get(username) ?? '', deviceName: device }, this.#signal);
    this.progress.mark(device, 'logged in', `as ${username}`);
    return this.#enter(device, session, true);
  }

  /** A step of the story; rejects where anything of anybody fails before. */
  goingWell<Result>(step: Promise<Result>): Promise<Result> {
    return Promise.race([step, ...this.#failures]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }

  #enter(name: string, session: Session, waits: boolean): Peer {
    const client = new SignalingClient(this.#url, session);
    const peer = this.#opened.adopt(new Peer({ name, client, progress: this.progress, waits }), (it) => it.close());
    this.#failures.push(peer.failed);
    return peer;
  }
}

function aborted(signal: AbortSignal, progress: Progress): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(new Error(`${(signal.reason as Error).message} The last thing that happened: ${progress.last}.`));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
