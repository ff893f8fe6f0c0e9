import { expect, test } from 'vitest';
import { type Deployment, type Outage, outlast } from '../scenarios/postgres-away.js';
import { figures } from '../support/figures.js';
import { startFleet } from '../support/fleet.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { Proxy } from '../support/proxy.js';
import { startProcessForTest } from '../support/server-process.js';

const answersWithinMs = 2_000;
const healsWithinMs = 5_000;
/** Shorter than the outage: a node that took its own blindness for the silence of devices would end every call. */
const environment = { SIGNALING_LOST_SECONDS: '15' };

test('two nodes outlast 30 seconds without Postgres', async () => {
  const fleet = await startFleet({ nodes: 2, environment });
  await judge(
    'stopped for 30 s, two nodes',
    { ...fleet, databaseUrl: fleet.postgres.url },
    {
      seconds: 30,
      begin: () => fleet.postgres.stop(),
      end: () => fleet.postgres.startAgain(),
    },
  );
});

test('a node outlasts ten seconds of a Postgres that stands still', async () => {
  const fleet = await startFleet({ nodes: 1, environment });
  await judge(
    'standing still for 10 s',
    { ...fleet, databaseUrl: fleet.postgres.url },
    {
      seconds: 10,
      begin: () => fleet.postgres.freeze(),
      end: () => fleet.postgres.thaw(),
    },
  );
});

test('a node outlasts ten seconds of a network to Postgres that swallows everything', async () => {
  const postgres = await OwnPostgres.startForTest();
  const proxy = await Proxy.start(postgres);
  const through = new URL(postgres.url);
  through.port = new URL(proxy.url).port;
  const node = await startProcessForTest({ environment: { ...environment, DATABASE_URL: through.href } });
  await judge(
    'out of reach for 10 s',
    { nodes: [node], entrance: node, databaseUrl: postgres.url },
    {
      seconds: 10,
      begin: () => Promise.resolve(proxy.fallSilent()),
      end: () => Promise.resolve(proxy.speak()),
    },
  );
  await node.kill();
  await proxy.stop();
});

async function judge(how: string, deployment: Deployment, outage: Outage): Promise<void> {
  const { answers, healedMs } = await outlast(deployment, outage);
  const slowest = (way: string) => Math.max(...answers.filter((answer) => answer.way === way).map(({ tookMs }) => tookMs));
  figures(`Postgres away: ${how}`, {
    'operations asked meanwhile': answers.length,
    'slowest answer over HTTP (within 2,000 ms)': `${slowest('HTTP')} ms`,
    'slowest answer over the WebSocket (within 2,000 ms)': `${slowest('WebSocket')} ms`,
    ...Object.fromEntries(Object.entries(healedMs).map(([what, ms]) => [`${what} (within 5,000 ms)`, `${ms} ms`])),
  });
  // Credentials for TURN are made without the database; over HTTP whoever asks for them is looked up there.
  const wrong = answers.filter(
    ({ way, name, code, tookMs }) =>
      tookMs > answersWithinMs || code !== (name === 'iceServers' && way === 'WebSocket' ? 'done' : 'UNAVAILABLE'),
  );
  expect(wrong).toEqual([]);
  expect(Object.entries(healedMs).filter(([, ms]) => ms > healsWithinMs)).toEqual([]);
}
