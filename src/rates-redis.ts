import { createClient } from '@redis/client';
import type { Logger } from './logger.js';

const retryEveryMs = 2_000;
const pingEveryMs = 1_000;
/** A Redis that accepts and says nothing is left after this, as one that is gone. */
const silentForMs = 3_000;

export type RatesRedis = ReturnType<typeof ratesRedis>;

/** Not connected yet; it goes on trying by itself. `url` may hold a password: not for a log. */
export function ratesRedis(url: string, logger: Logger) {
  const client = createClient({
    url,
    socket: { connectTimeout: retryEveryMs, reconnectStrategy: retryEveryMs, socketTimeout: silentForMs },
    pingInterval: pingEveryMs,
    disableOfflineQueue: true,
  });
  let away = false;
  client.on('ready', () => {
    if (away) logger.info('rates are counted for all nodes together again');
    away = false;
  });
  client.on('error', (error: unknown) => {
    if (!away) logger.warn({ err: error }, 'Redis is away: this node counts rates for itself');
    away = true;
  });
  return client;
}
