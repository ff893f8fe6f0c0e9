import { expect, test } from 'vitest';
import { Dice } from '../support/dice.js';
import { Disasters } from '../support/disasters.js';
import { EmbeddedFolder } from '../support/embedded-folder.js';
import { figures, ms, percentile, secondsSince } from '../support/figures.js';
import { startFleet } from '../support/fleet.js';
import { startProcessForTest } from '../support/server-process.js';
import { expectSpotless } from '../support/verdict.js';
import { killNode } from '../scenarios/killed-node.js';
import { keepLedger } from '../scenarios/ledger.js';

test('a server that is killed and started again in the middle of 400 calls loses nothing that it acknowledged', async () => {
  const dice = Dice.fromEnvironment();
  console.log(`  kill: SEED=${dice.seed}`);
  const server = await startProcessForTest();
  const killed = Disasters.each([1_500, 3_000, 5_500], async () => {
    await server.kill();
    await server.startAgain();
  });
  const startedAt = performance.now();
  const run = await keepLedger(
    { node: () => server, databaseUrl: () => server.databaseUrl },
    { calls: 400, pairs: 100, cuts: 2_000, dice, onAcknowledged: killed.onAcknowledged },
  );
  expect(await killed.over()).toBe(3);
  expectSpotless('kill: 400 calls, the server killed three times', run, startedAt);
});

test('one of two nodes is killed: its clients go on at the other, calls ring on and signal on, and each ends once', async () => {
  const fleet = await startFleet({ nodes: 2 });
  const { backAfterMs, rangOverMs, missed, endsRead, unrecovered } = await killNode(fleet, 10);
  const all = [...backAfterMs.sdk, ...backAfterMs.bare];
  figures('kill: one of two nodes, 80 clients in 40 calls', {
    'clients that lost their node': all.length,
    'SDK subscribed again within 3,000 ms: half of them after': ms(percentile(backAfterMs.sdk, 0.5)),
    'SDK: the last after': ms(Math.max(...backAfterMs.sdk)),
    'bare client subscribed again within 3,000 ms: half of them after': ms(percentile(backAfterMs.bare, 0.5)),
    'bare client: the last after': ms(Math.max(...backAfterMs.bare)),
    'told of the end within 2,000 ms of the time to ring: the last after': ms(Math.max(...rangOverMs)),
    'events waited for in vain': missed.length,
    'ends read other than once': endsRead.filter((times) => times !== 1).length,
    'not recovered': unrecovered,
  });
  expect(backAfterMs.sdk.length).toBeGreaterThan(10);
  expect(backAfterMs.bare.length).toBeGreaterThan(10);
  expect(Math.max(...all)).toBeLessThan(3_000);
  expect(Math.min(...rangOverMs)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...rangOverMs)).toBeLessThan(2_000);
  expect(missed).toEqual([]);
  expect(endsRead).toHaveLength(80);
  expect(new Set(endsRead)).toEqual(new Set([1]));
  expect(unrecovered).toBe(0);
});

test('a server is killed together with its own Postgres, and the next start on that folder has everything', async () => {
  const dice = Dice.fromEnvironment();
  console.log(`  kill of everything: SEED=${dice.seed}`);
  const folder = await EmbeddedFolder.makeForTest();
  const server = await startProcessForTest({ environment: folder.environment });
  let backAfter = '';
  const killed = Disasters.each([1_000, 2_500], async () => {
    await server.kill();
    folder.killPostgres();
    const at = performance.now();
    await server.startAgain();
    backAfter = secondsSince(at);
  });
  const startedAt = performance.now();
  const run = await keepLedger(
    { node: () => server, databaseUrl: () => folder.databaseUrl() },
    { calls: 200, pairs: 50, cuts: 1_000, dice, onAcknowledged: killed.onAcknowledged },
  );
  expect(await killed.over()).toBe(2);
  expectSpotless('kill: 200 calls, server and embedded Postgres killed twice', run, startedAt, { 'back after': backAfter });
});
