import type { MikroORM } from '@mikro-orm/postgresql';

export type NativePool = Awaited<ReturnType<ReturnType<MikroORM['em']['getConnection']>['getNativeClient']>>;
type Client = Awaited<ReturnType<NativePool['connect']>>;
type Query = (asked: unknown, values: unknown, answer: (error: Error | null | undefined, result: unknown) => void) => unknown;

const probeEveryMs = 200;

/**
 * Stands in front of the pool and knows whether Postgres answers, by what became of the last attempts, the ORM's included.
 *
 * Where nothing was answered since an attempt began that failed, Postgres is away: every connection is dropped, for the
 * other end may not know of it, and whoever wants one is refused at once. Else each would wait for himself, one behind
 * the other, for a database that does not answer the first. One attempt at a time finds out when it is back.
 */
export class Reach {
  readonly #connect: () => Promise<Client>;
  readonly #withinMs: number;
  readonly #clients = new Set<Client>();
  #answeredAtMs = performance.now();
  #isAway = false;
  #probe: NodeJS.Timeout | null = null;
  #stopped = false;

  /** `withinMs`: the longest wait for a connection, and then for an answer. */
  constructor(pool: NativePool, withinMs: number) {
    this.#connect = pool.connect.bind(pool) as () => Promise<Client>;
    this.#withinMs = withinMs;
    // The ORM takes its connections from the pool itself.
    pool.connect = (() => this.#take()) as typeof pool.connect;
    pool.on('connect', (client: Client) => this.#watch(client));
    pool.on('remove', (client: Client) => void this.#clients.delete(client));
  }

  stop(): void {
    this.#stopped = true;
    if (this.#probe !== null) clearTimeout(this.#probe);
  }

  async #take(): Promise<Client> {
    if (this.#isAway) throw new Error('The connection to Postgres is lost.');
    const startedAtMs = performance.now();
    try {
      return await this.#connectInTime();
    } catch (error) {
      this.#failed(error, startedAtMs);
      throw error;
    }
  }

  /** The pool's own bound counts anew for somebody who has waited in its queue. */
  async #connectInTime(): Promise<Client> {
    let late: NodeJS.Timeout | undefined;
    const connecting = this.#connect();
    const tooLate = new Promise<never>((_resolve, reject) => {
      late = setTimeout(() => {
        reject(new Error('No connection to Postgres in time.'));
        connecting.then(
          (client) => client.release(),
          () => undefined,
        );
      }, this.#withinMs);
    });
    try {
      return await Promise.race([connecting, tooLate]);
    } finally {
      clearTimeout(late);
    }
  }

  /** By a callback and a timer of ours: the driver's own promise and timeout are garbage that grows old (docs/decisions/0021). */
  #watch(client: Client): void {
    this.#clients.add(client);
    this.#answered();
    const query = client.query.bind(client) as Query;
    const watched = (asked: unknown, values?: unknown): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const startedAtMs = performance.now();
        const late = setTimeout(drop, this.#withinMs, client);
        query(asked, values, (error, result) => {
          clearTimeout(late);
          if (error == null) {
            this.#answered();
            return resolve(result);
          }
          // What was not answered is still running on its connection, which is of no use to the next.
          if (this.#failed(error, startedAtMs)) drop(client);
          reject(error);
        });
      });
    client.query = watched as typeof client.query;
  }

  #answered(): void {
    this.#answeredAtMs = performance.now();
    this.#isAway = false;
  }

  /** False where the error is an answer. */
  #failed(error: unknown, startedAtMs: number): boolean {
    if (hasSqlState(error)) {
      this.#answered();
      return false;
    }
    if (!this.#isAway && this.#answeredAtMs < startedAtMs) {
      this.#isAway = true;
      for (const client of this.#clients) drop(client);
      this.#probeSoon();
    }
    return true;
  }

  #probeSoon(): void {
    if (!this.#stopped && this.#isAway) this.#probe = setTimeout(() => void this.#look(), probeEveryMs);
  }

  async #look(): Promise<void> {
    try {
      // A new one, for there is no other: whoever gives it is there.
      (await this.#connect()).release();
    } catch {
      this.#probeSoon();
    }
  }
}

/** Whether the server has answered with an error of its own. */
export function hasSqlState(error: unknown): boolean {
  return typeof (error as { code?: unknown }).code === 'string' && /^[0-9A-Z]{5}$/.test((error as { code: string }).code);
}

function drop(client: Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
