import type { ResultOf } from '@graphql-typed-document-node/core';
import { loginOperation } from '../../src/client/operations.js';
import { signUp, type Device } from '../support/device.js';
import { FrameSocket } from '../support/frame-socket.js';
import { HttpWire } from '../support/http-wire.js';
import type { RawAnswer } from '../support/raw-socket.js';
import type { Addresses } from '../support/talker.js';

/** What one attempt came to: a code of the catalogue, or OK, or what else went wrong. */
export interface Attempt {
  readonly outcome: string;
  readonly retryAfterMs: number;
  readonly tookMs: number;
}

/** A connection that is open, and is asked something over. */
interface Wire {
  ask(query: string, variables: object): Promise<RawAnswer>;
}

const loginText = String(loginOperation);
const password = 'correct horse';
/** As long as the SDK waits for an answer. */
const patienceMs = 15_000;

/** A guesser who asks all at once, and people who only want to sign in. */
export class LoginFlood {
  readonly #node: Addresses;
  readonly #people: readonly Device[];

  static async begin(node: Addresses, people: number): Promise<LoginFlood> {
    const devices: Device[] = [];
    // One after the other: at once they would be a flood themselves.
    while (devices.length < people) devices.push(await signUp(node));
    return new LoginFlood(node, devices);
  }

  private constructor(node: Addresses, people: readonly Device[]) {
    this.#node = node;
    this.#people = people;
  }

  /** That many connections that nothing is asked over yet, every second one a socket. The server waits for 10 seconds. */
  async connect(count: number): Promise<readonly (HttpWire | FrameSocket)[]> {
    const { url, webSocketUrl } = this.#node;
    const wires = Array.from({ length: count }, (_, n) =>
      n % 2 === 0 ? HttpWire.open(url) : FrameSocket.open(webSocketUrl, { acknowledged: true }),
    );
    return Promise.all(wires);
  }

  /** A guess over each at once: one half for nobody, the other with a wrong password. */
  guess(wires: readonly Wire[]): Promise<Attempt[]> {
    return Promise.all(wires.map((wire, n) => attempt(wire, n % 4 < 2 ? `nobody-${n}` : this.#nameOf(n), `guess ${n}`)));
  }

  /** All of the people at once, each again as soon as it is told to: how long until each is in, in ms, and in how many attempts. */
  signIn(): Promise<{ readonly tookMs: number; readonly attempts: readonly Attempt[] }[]> {
    return Promise.all(
      this.#people.map(async ({ userId }, n) => {
        const startedAt = performance.now();
        const attempts: Attempt[] = [];
        for (;;) {
          const wire = await HttpWire.open(this.#node.url);
          const made = await attempt(wire, this.#nameOf(n), password, userId);
          wire.cut();
          attempts.push(made);
          if (made.outcome !== 'TOO_BUSY') return { tookMs: performance.now() - startedAt, attempts };
          await new Promise((resolve) => setTimeout(resolve, made.retryAfterMs * (1 + Math.random())));
        }
      }),
    );
  }

  #nameOf(n: number): string {
    return this.#people[n % this.#people.length]!.session.user.username;
  }
}

/** OK is for who was let in as the user that he is. */
async function attempt(wire: Wire, username: string, guessed: string, userId?: string): Promise<Attempt> {
  const startedAt = performance.now();
  let late: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    late = setTimeout(() => reject(new Error('timed out')), patienceMs);
  });
  const ended = (outcome: unknown, retryAfterMs: unknown = 0): Attempt => ({
    outcome: String(outcome),
    retryAfterMs: Number(retryAfterMs),
    tookMs: performance.now() - startedAt,
  });
  try {
    const asked = wire.ask(loginText, { input: { username, password: guessed } });
    const { data, errors } = await Promise.race([asked, timeout]);
    if (errors !== undefined) return ended(errors[0]?.extensions?.['code'], errors[0]?.extensions?.['retryAfterMs']);
    return ended((data as ResultOf<typeof loginOperation>).login.user.id === userId ? 'OK' : 'somebody else');
  } catch (error) {
    return ended(error);
  } finally {
    clearTimeout(late);
  }
}
