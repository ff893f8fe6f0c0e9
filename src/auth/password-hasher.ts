import { randomBytes } from 'node:crypto';
import bcrypt from 'bcrypt';
import { AppError } from '../errors.js';
import { canBePassword } from './password.js';

export interface PasswordHasherOptions {
  /** bcrypt's cost: each step doubles the time. */
  readonly cost: number;
  /** Hashes under way at once. libuv has four threads, and DNS and files need some. */
  readonly concurrency?: number;
  /** Hashes that may wait for their turn; the next one is refused with TOO_BUSY. */
  readonly queueLimit?: number;
}

/** Hashes and compares passwords, a few at a time and with a bounded queue: many logins at once must not stall signaling. */
export class PasswordHasher {
  readonly #cost: number;
  readonly #concurrency: number;
  readonly #queueLimit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #dummyHash = '';
  #hashMs = 0;

  private constructor({ cost, concurrency = 2, queueLimit = 64 }: PasswordHasherOptions) {
    this.#cost = cost;
    this.#concurrency = concurrency;
    this.#queueLimit = queueLimit;
  }

  /** Takes the time of one hash: it makes the one that unknown users are compared with. */
  static async create(options: PasswordHasherOptions): Promise<PasswordHasher> {
    const hasher = new PasswordHasher(options);
    const startedAt = performance.now();
    hasher.#dummyHash = await hasher.hash(randomBytes(24).toString('base64url'));
    hasher.#hashMs = performance.now() - startedAt;
    return hasher;
  }

  hash(password: string): Promise<string> {
    return this.#inTurn(() => bcrypt.hash(password, this.#cost));
  }

  /** Costs one hash whatever it is given, so that its time does not tell whether there is such a user (`hash` null). */
  async matches(password: string, hash: string | null): Promise<boolean> {
    const candidate = canBePassword(password) ? password : '';
    const same = await this.#inTurn(() => bcrypt.compare(candidate, hash ?? this.#dummyHash));
    return same && hash !== null && candidate !== '';
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#concurrency) {
      this.#running += 1;
    } else {
      if (this.#waiting.length >= this.#queueLimit) throw this.#tooBusy();
      // Whoever finishes hands its place over, so nobody who comes later can slip in between.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #tooBusy(): AppError {
    const retryAfterMs = Math.max(1_000, Math.ceil((this.#hashMs * this.#waiting.length) / this.#concurrency));
    return new AppError('TOO_BUSY', 'Too many people are signing in at this moment.', { retryAfterMs });
  }
}
