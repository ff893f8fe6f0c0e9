import { createClient } from '@redis/client';
import { RedisBus } from '../../src/bus/redis-bus.js';
import { createLogger } from '../../src/logger.js';
import { deliversOverTwoNodes, holdsTheBusContract, type Carrier } from '../scenarios/bus-contract.js';
import { RedisServer } from '../support/redis-server.js';

const logger = createLogger('silent');

async function redis(): Promise<Carrier> {
  const server = await RedisServer.startForTest();
  return {
    makeBus: () => new RedisBus({ url: server.url, logger, observer: { hint: () => undefined } }),
    goAway: () => server.kill(),
    comeBack: () => server.startAgain(),
    connections: () => subscribers(server.url),
    stop: () => server.stop(),
  };
}

async function subscribers(url: string): Promise<number> {
  const client = createClient({ url }).on('error', () => undefined);
  await client.connect();
  try {
    return (await client.clientList({ TYPE: 'PUBSUB' })).length;
  } finally {
    client.destroy();
  }
}

holdsTheBusContract('Redis', redis);
deliversOverTwoNodes('Redis', async () => ({ REDIS_URL: (await RedisServer.startForTest()).url }));
