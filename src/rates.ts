import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  RLWrapperTimeouts,
  type IRateLimiterOptions,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import { AppError } from './errors.js';
import type { Limits } from './limits.js';
import type { Logger } from './logger.js';
import type { RatesRedis } from './rates-redis.js';

/** What is counted in minutes, and what there were too many of. */
const counted = {
  LIMIT_REQUESTS_PER_MINUTE: 'requests from this address',
  LIMIT_LOGINS_PER_MINUTE: 'logins from this address, or to this account',
  LIMIT_CALLS_PER_MINUTE: 'calls',
  LIMIT_CALLS_PER_PAIR_PER_MINUTE: 'calls to this user',
  LIMIT_SEARCHES_PER_MINUTE: 'searches',
  LIMIT_ICE_SERVERS_PER_MINUTE: 'requests for TURN credentials',
} as const;

export type RateName = keyof typeof counted;

export interface RatesOptions {
  readonly limits: Limits;
  /** Null: each node counts for itself. It may hold a password: not for a log. */
  readonly redisUrl: string | null;
  readonly logger: Logger;
}

const windowSeconds = 60;
/** A Redis that does not answer costs whoever asks no more than this; then this node counts for itself. */
const redisWithinMs = 250;

/**
 * How often somebody may do something in a minute, which begins with the first time: for all nodes together where there
 * is a Redis, else, or while it is away, for each node by itself. A limit of 0 is lifted.
 */
export class Rates {
  readonly #limiters = new Map<RateName, RateLimiterAbstract>();
  readonly #redis: RatesRedis | null;

  /** Redis's client is loaded where it is needed: see create-bus.ts. */
  static async create({ limits, redisUrl, logger }: RatesOptions): Promise<Rates> {
    return new Rates(limits, redisUrl === null ? null : (await import('./rates-redis.js')).ratesRedis(redisUrl, logger));
  }

  private constructor(limits: Limits, redis: RatesRedis | null) {
    this.#redis = redis;
    for (const name of Object.keys(counted) as RateName[]) {
      if (limits[name] === 0) continue;
      const options = { keyPrefix: `switchboard:${name}`, points: limits[name], duration: windowSeconds };
      const memory = new RateLimiterMemory(options);
      this.#limiters.set(name, redis === null ? memory : insured(redis, options, memory));
    }
  }

  /** Does not wait for Redis: until it is there this node counts for itself. */
  start(): void {
    // It goes on trying by itself, and says by its events what keeps it from it.
    this.#redis?.connect().catch(() => undefined);
  }

  stop(): void {
    if (this.#redis?.isOpen === true) this.#redis.destroy();
  }

  /** Counts one; throws RATE_LIMITED with `retryAfterMs` where there were enough in this minute. */
  async take(name: RateName, whose: string): Promise<void> {
    try {
      await this.#limiters.get(name)?.consume(whose);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const retryAfterMs = Math.max(1, Math.ceil(refused.msBeforeNext));
      const seconds = Math.ceil(retryAfterMs / 1_000);
      throw new AppError('RATE_LIMITED', `Too many ${counted[name]} in a minute. Try again in ${seconds} s.`, { retryAfterMs });
    }
  }

  /** What was counted has turned out to be nothing new. */
  async giveBack(name: RateName, whose: string): Promise<void> {
    await this.#limiters.get(name)?.reward(whose);
  }
}

/** By Redis, or by this node's own memory where Redis is away or does not answer in time. */
function insured(redis: RatesRedis, options: IRateLimiterOptions, memory: RateLimiterMemory): RateLimiterAbstract {
  const limiter = new RateLimiterRedis({ ...options, storeClient: redis, useRedisPackage: true, rejectIfRedisNotReady: true });
  return new RLWrapperTimeouts({ limiter, timeoutMs: redisWithinMs, insuranceLimiter: memory });
}
