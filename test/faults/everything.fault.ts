import { expect, test } from 'vitest';
import { Dice } from '../support/dice.js';
import { Disasters } from '../support/disasters.js';
import { secondsSince } from '../support/figures.js';
import { startFleet } from '../support/fleet.js';
import { RedisServer } from '../support/redis-server.js';
import { expectSpotless } from '../support/verdict.js';
import { keepLedger } from '../scenarios/ledger.js';

test('100,000 acknowledged signals through cuts, a killed node, a killed Postgres and a killed Redis: each arrives once, in order, and nowhere else', async () => {
  const dice = Dice.fromEnvironment();
  console.log(`  everything: SEED=${dice.seed}`);
  const redis = await RedisServer.startForTest();
  const fleet = await startFleet({ nodes: 2, redis });
  const took: Record<string, string> = {};
  const restart = (what: string, victim: { kill(): Promise<void>; startAgain(): Promise<void> }) => async () => {
    const startedAt = performance.now();
    await victim.kill();
    await victim.startAgain();
    took[`${what} was away for`] = secondsSince(startedAt);
  };
  const around = (count: number): number => count + dice.below(5_000);
  const disasters = new Disasters(
    new Map([
      [around(20_000), restart('the killed node', dice.oneOf(fleet.nodes))],
      [around(45_000), restart('the killed Postgres', fleet.postgres)],
      [around(70_000), restart('the killed Redis', redis)],
    ]),
  );

  const startedAt = performance.now();
  const run = await keepLedger(
    { node: () => fleet.entrance, databaseUrl: () => fleet.postgres.url },
    { calls: 200, pairs: 50, signalsEach: 250, cuts: 50, dice, clients: 'mixed', onAcknowledged: disasters.onAcknowledged },
  );
  expect(await disasters.over()).toBe(3);
  expectSpotless('everything: 100,000 signals of SDK and bare clients over two nodes', run, startedAt, took);
  expect(run).toMatchObject({ cuts: 50, signals: 100_000 });
});
