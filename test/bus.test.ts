import { PostgresBus } from '../src/bus/postgres-bus.js';
import { Database } from '../src/db/database.js';
import { createLogger } from '../src/logger.js';
import { entities } from '../src/storage.js';
import { expect, inject, onTestFinished, test } from 'vitest';
import { deliversOverTwoNodes, holdsTheBusContract, type Carrier } from './scenarios/bus-contract.js';
import { createDatabase, runSql } from './support/database.js';
import { Proxy } from './support/proxy.js';
import { until } from './support/until.js';

const logger = createLogger('silent');

/** A database that takes no connection for a while, beside the others of the same Postgres. */
async function postgres(): Promise<Carrier> {
  const url = await createDatabase();
  const name = new URL(url).pathname.slice(1);
  const admin = inject('postgresUrl');
  const database = await Database.open(url, entities);
  const mine = `FROM pg_stat_activity WHERE datname = '${name}'`;
  return {
    makeBus: () => new PostgresBus({ database, logger, observer: { hint: () => undefined } }),
    goAway: async () => {
      await runSql(admin, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
      await runSql(admin, `SELECT pg_terminate_backend(pid) ${mine}`);
    },
    comeBack: async () => void (await runSql(admin, `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)),
    connections: async () => (await runSql(admin, `SELECT pid ${mine} AND query LIKE 'LISTEN%'`)).length,
    stop: () => database.close(),
  };
}

holdsTheBusContract('Postgres', postgres);
deliversOverTwoNodes('Postgres', () => Promise.resolve({}));
// A port that nobody listens at: each node looks for itself, once a second.
deliversOverTwoNodes('no bus at all', () => Promise.resolve({ REDIS_URL: 'redis://127.0.0.1:9' }));

test('a connection that is lost as it begins to listen is replaced by one, and a bus that has stopped holds none', async () => {
  const url = new URL(await createDatabase());
  const proxy = await Proxy.start({ url: `http://${url.host}` });
  onTestFinished(() => proxy.stop());
  const listeners = async (): Promise<number> =>
    (
      await runSql(
        inject('postgresUrl'),
        `SELECT pid FROM pg_stat_activity WHERE datname = '${url.pathname.slice(1)}' AND query LIKE 'LISTEN%'`,
      )
    ).length;
  url.port = new URL(proxy.url).port;
  const database = await Database.open(url.href, entities);
  const bus = new PostgresBus({ database, logger, observer: { hint: () => undefined } });
  proxy.loseAnswer('LISTEN');
  await bus.start();
  expect(proxy.hasLostIt).toBe(true);
  expect(bus.isListening).toBe(false);
  await until('it to listen', () => bus.isListening);
  // A second try would be due by now.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await listeners()).toBe(1);
  await bus.stop();
  await until('no connection to be left', async () => (await listeners()) === 0);
  await database.close();
});
