import type { Database } from '../db/database.js';
import type { Logger } from '../logger.js';
import type { BusObserver, HintBus } from './hint-bus.js';
import { PostgresBus } from './postgres-bus.js';

/** Hints by Redis where there is one, else by Postgres. `redisUrl` may hold a password: not for a log. */
export async function createBus({
  redisUrl,
  database,
  ...rest
}: {
  redisUrl: string | null;
  database: Pick<Database, 'query' | 'listen'>;
  logger: Logger;
  observer: BusObserver;
}): Promise<HintBus> {
  if (redisUrl === null) return new PostgresBus({ database, ...rest });
  // Its client has a fifth of all modules of the server: they are loaded where they are needed.
  const { RedisBus } = await import('./redis-bus.js');
  return new RedisBus({ url: redisUrl, ...rest });
}
