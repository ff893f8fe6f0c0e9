import { isTransient } from '../db/database-error.js';

interface Lane {
  /** The change under way (accept, answer, end), or null. */
  change: Promise<unknown> | null;
  /** The last signal that was let through. Signals commit in order, so when it is settled the earlier ones are. */
  signal: Promise<unknown> | null;
}

const fewLanes = 1_000;

/** Names what one device does in one call. */
export function laneOf(deviceId: string, callId: string): string {
  return `${deviceId}:${callId}`;
}

/**
 * Keeps what one device does in one call in the order in which it asked, though an answer and the candidates behind it
 * take different ways to Postgres: while a change runs later signals wait; a change waits for what came before it.
 *
 * A signal that waited for a change that Postgres did not answer fails as the change did: it belongs behind it, and its own
 * wait would come on top.
 *
 * A signal that has nothing to wait for runs before `signal` returns, so the order of calls is the order of rows.
 */
export class CallOrder {
  readonly #lanes = new Map<string, Lane>();
  #sweepAt = fewLanes;

  /** Lanes that are known; idle ones go when there are too many. */
  get lanes(): number {
    return this.#lanes.size;
  }

  signal<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
    const lane = this.#lane(name);
    const result = lane.change === null ? run() : lane.change.then(run, (failure: unknown) => passOn(failure, run));
    return this.#settle(lane, 'signal', result);
  }

  change<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
    const lane = this.#lane(name);
    const before = [lane.change, lane.signal].filter((promise) => promise !== null);
    const result = before.length === 0 ? run() : Promise.allSettled(before).then(run);
    return this.#settle(lane, 'change', result);
  }

  #lane(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    if (this.#lanes.size >= this.#sweepAt) this.#sweep();
    const lane: Lane = { change: null, signal: null };
    this.#lanes.set(name, lane);
    return lane;
  }

  /** Seldom: to forget each lane as soon as it is idle would be to make one for nearly every signal (docs/decisions/0021). */
  #sweep(): void {
    for (const [name, lane] of this.#lanes) if (lane.change === null && lane.signal === null) this.#lanes.delete(name);
    this.#sweepAt = Math.max(fewLanes, 2 * this.#lanes.size);
  }

  #settle<Result>(lane: Lane, kind: keyof Lane, result: Promise<Result>): Promise<Result> {
    lane[kind] = result;
    const done = (): void => {
      if (lane[kind] === result) lane[kind] = null;
    };
    result.then(done, done);
    return result;
  }
}

async function passOn<Result>(failure: unknown, run: () => Promise<Result>): Promise<Result> {
  if (isTransient(failure)) throw failure;
  return run();
}
