import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Piscina } from 'piscina';
import { AppError } from '../errors.js';
import type * as thread from './hash-thread.js';
import { canBePassword } from './password.js';

export interface PasswordHasherOptions {
  /** bcrypt's cost: each step doubles the time. */
  readonly cost: number;
  /** Hashes under way at once. */
  readonly concurrency?: number;
  /** Hashes that may wait for their turn; the next one is refused with TOO_BUSY. */
  readonly queueLimit?: number;
  /** Whoever would wait longer is refused likewise: clients do not wait for ever. */
  readonly longestWaitMs?: number;
  /** Nobody waits at a node that is about to stop: another one has the time. */
  readonly isDraining?: () => boolean;
}

/** A core is left to signaling, where there are two. */
const fewAtOnce = Math.max(1, Math.min(2, availableParallelism() - 1));
/**
 * A low priority, where the system has one for threads: signaling and Postgres come first on every core. Not the lowest:
 * on a machine that is full a hash still gets a tenth of a core, and at 19 a seventieth, so that nobody could sign in.
 */
const niceIncrement = 10;
/** The tests run the sources as they are. */
const filename = new URL(`./hash-thread${extname(import.meta.url)}`, import.meta.url).href;

/**
 * Hashes and compares passwords, a few at a time, in threads of their own and with a bounded queue: many logins at once
 * must not stall signaling.
 */
export class PasswordHasher {
  readonly #threads: Piscina;
  readonly #cost: number;
  readonly #concurrency: number;
  readonly #queueLimit: number;
  readonly #longestWaitMs: number;
  readonly #isDraining: () => boolean;
  readonly #waiting: (() => void)[] = [];
  /** What unknown users are compared with. */
  readonly #dummyHash: Promise<string>;
  #running = 0;
  /** What one takes now, on a machine that does other things too. */
  #hashMs = 0;

  constructor({ cost, concurrency = fewAtOnce, queueLimit = 64, longestWaitMs = 5_000, isDraining = () => false }: PasswordHasherOptions) {
    this.#threads = new Piscina({ filename, minThreads: concurrency, maxThreads: concurrency, niceIncrement });
    this.#cost = cost;
    this.#concurrency = concurrency;
    this.#queueLimit = queueLimit;
    this.#longestWaitMs = longestWaitMs;
    this.#isDraining = isDraining;
    this.#dummyHash = this.#run('hash', { password: randomBytes(24).toString('base64url'), cost });
    // Stopped before it was there.
    this.#dummyHash.catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.#threads.destroy();
  }

  hash(password: string): Promise<string> {
    return this.#inTurn(() => this.#run('hash', { password, cost: this.#cost }));
  }

  /**
   * Who has this password: whom `find` finds, or null. Costs one hash whomever it finds, so that the time does not tell
   * whether there is such a user. It looks when it is its turn: an attempt that is refused costs the database nothing.
   */
  async verified<Found extends { readonly passwordHash: string }>(
    password: string,
    find: () => Promise<Found | null>,
  ): Promise<Found | null> {
    const candidate = canBePassword(password) ? password : '';
    return this.#inTurn(async (dummyHash) => {
      const found = await find();
      const same = await this.#run('compare', { password: candidate, passwordHash: found?.passwordHash ?? dummyHash });
      return same && candidate !== '' ? found : null;
    });
  }

  async matches(password: string, passwordHash: string): Promise<boolean> {
    return (await this.verified(password, () => Promise.resolve({ passwordHash }))) !== null;
  }

  async #inTurn<T>(work: (dummyHash: string) => Promise<T>): Promise<T> {
    const waits = this.#running >= this.#concurrency;
    if (waits) {
      if (this.#waiting.length >= this.#queueLimit || this.#waitMs > this.#longestWaitMs) throw this.#tooBusy();
      // Whoever finishes hands its place over, so nobody who comes later can slip in between.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      if (waits && this.#isDraining()) throw new AppError('UNAVAILABLE', 'This node is about to stop.');
      // The start of a thread is not the time of a hash: whoever signs in first would be refused for it.
      const dummyHash = await this.#dummyHash;
      const startedAt = performance.now();
      const done = await work(dummyHash);
      const tookMs = performance.now() - startedAt;
      this.#hashMs = this.#hashMs === 0 ? tookMs : this.#hashMs + (tookMs - this.#hashMs) / 4;
      return done;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #run<Name extends keyof typeof thread>(
    name: Name,
    task: Parameters<(typeof thread)[Name]>[0],
  ): Promise<ReturnType<(typeof thread)[Name]>> {
    return this.#threads.run(task, { name }) as Promise<ReturnType<(typeof thread)[Name]>>;
  }

  /** How long whoever comes now would wait. */
  get #waitMs(): number {
    return (this.#hashMs * (this.#waiting.length + 1)) / this.#concurrency;
  }

  #tooBusy(): AppError {
    const retryAfterMs = Math.max(1_000, Math.ceil(this.#waitMs));
    return new AppError('TOO_BUSY', 'Too many people are signing in at this moment.', { retryAfterMs });
  }
}
