import { Nginx } from './nginx.js';
import { OwnPostgres } from './own-postgres.js';
import type { RedisServer } from './redis-server.js';
import { type ServerProcess, startProcessForTest } from './server-process.js';
import type { Addresses } from './talker.js';

/** Nodes on one Postgres that is theirs alone, and where their clients find them: several stand behind nginx. */
export interface Fleet {
  readonly nodes: readonly ServerProcess[];
  readonly entrance: Addresses;
  readonly postgres: OwnPostgres;
}

export interface FleetSetup {
  readonly nodes: 1 | 2;
  readonly postgres?: OwnPostgres;
  readonly redis?: RedisServer;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Stopped when the test is over. */
export async function startFleet({ nodes: count, postgres, redis, environment = {} }: FleetSetup): Promise<Fleet> {
  const database = postgres ?? (await OwnPostgres.startForTest());
  const nodes: ServerProcess[] = [];
  for (let n = 0; n < count; n += 1) {
    nodes.push(
      await startProcessForTest({
        environment: { ...environment, DATABASE_URL: database.url, ...(redis === undefined ? {} : { REDIS_URL: redis.url }) },
      }),
    );
  }
  const [first] = nodes;
  if (first === undefined) throw new Error('A fleet has a node at least.');
  return { nodes, entrance: count === 1 ? first : await Nginx.startForTest(nodes.map(({ port }) => port)), postgres: database };
}
