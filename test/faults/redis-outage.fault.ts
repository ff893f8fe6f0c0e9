import { expect, test } from 'vitest';
import { CrossTalk } from '../scenarios/cross-talk.js';
import { figures, percentile } from '../support/figures.js';
import { startFleet } from '../support/fleet.js';
import { HealthWatch } from '../support/health-watch.js';
import { RedisServer } from '../support/redis-server.js';
import { startProcessForTest } from '../support/server-process.js';
import { until } from '../support/until.js';

const goneMs = 60_000;
const frozenMs = 10_000;
const calmMs = 5_000;
const p99WithinMs = 2_000;
/** Faster than a look a second can be: the bus has told. */
const wokenWithinMs = 200;
const pairsEachWay = 5;

test('a Redis that is frozen for 10 seconds, then gone for 60, loses nothing and holds nothing up for over two seconds', async () => {
  const redis = await RedisServer.startForTest();
  const { nodes, postgres } = await startFleet({ nodes: 2, redis });
  const beganAt = performance.now();
  const health = HealthWatch.startForTest(nodes);
  const talk = new CrossTalk(pairsEachWay);
  await talk.between(nodes[0]!, nodes[1]!);
  const took: Record<string, number[]> = {};
  const phase = async (name: string, lasts: () => Promise<void>): Promise<void> => {
    const startedAt = performance.now();
    await lasts();
    const endedAt = performance.now();
    await until('what was sent to have arrived', () => talk.isThereUpTo(endedAt), { withinMs: 10_000 });
    took[name] = talk.tookBetween(startedAt, endedAt);
  };
  /** How long after `since` the signals were sent from which on half a second of them was fast. */
  const wokenAgain = async (since: number): Promise<number> => {
    const fastFrom = (): number | null => {
      const from = Math.max(since, performance.now() - 1_500);
      return isFast(talk.tookBetween(from, performance.now() - 1_000)) ? from : null;
    };
    return (await until('wake-ups to be fast again', fastFrom, { withinMs: 20_000, everyMs: 100 })) - since;
  };

  await wokenAgain(performance.now());
  await phase('before', () => forMs(calmMs));
  redis.freeze();
  await phase('frozen', () => forMs(frozenMs));
  redis.thaw();
  const fastAfterThawMs = await wokenAgain(performance.now());

  await redis.kill();
  let startedInMs = 0;
  await phase('gone', async () => {
    const goneAt = performance.now();
    const late = await startProcessForTest({ environment: { DATABASE_URL: postgres.url, REDIS_URL: redis.url } });
    startedInMs = performance.now() - goneAt;
    health.watch(late);
    await talk.between(nodes[0]!, late);
    await forMs(goneMs - (performance.now() - goneAt));
  });
  await redis.startAgain();
  const fastAgainMs = await wokenAgain(performance.now());
  await phase('after', () => forMs(calmMs));
  await talk.hush();
  await health.stop();
  const unwell = health.notWellSince(beganAt);

  figures('Redis frozen for 10 s, then gone for 60 s: two nodes, a third started meanwhile', {
    ...Object.fromEntries(Object.entries(took).map(([name, all]) => [`signals from node to node, ${name}`, described(all)])),
    'woken fast again after the thaw': `${(fastAfterThawMs / 1_000).toFixed(1)} s`,
    'woken fast again after the return': `${(fastAgainMs / 1_000).toFixed(1)} s`,
    'start of a node meanwhile': `${(startedInMs / 1_000).toFixed(1)} s`,
    'lost, twice, out of order, or refused': talk.faults.length,
    'health checks': `${health.looks.toLocaleString('en')}, of which not 200: ${unwell.length}`,
  });
  await talk.close();
  expect(talk.faults).toEqual([]);
  expect(unwell).toEqual([]);
  for (const all of Object.values(took)) expect(percentile(all, 0.99)).toBeLessThan(p99WithinMs);
  for (const name of ['before', 'after']) expect(percentile(took[name]!, 0.5)).toBeLessThan(wokenWithinMs);
});

function isFast(all: readonly number[]): boolean {
  return all.length > 0 && percentile(all, 0.9) < wokenWithinMs;
}

function described(all: readonly number[]): string {
  return `${all.length.toLocaleString('en')}, p50 ${percentile(all, 0.5).toFixed(0)} ms, p99 ${percentile(all, 0.99).toFixed(0)} ms`;
}

function forMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
