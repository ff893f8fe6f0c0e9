import { expect, test } from 'vitest';
import { Dice } from '../support/dice.js';
import { Disasters } from '../support/disasters.js';
import { EmbeddedFolder } from '../support/embedded-folder.js';
import { secondsSince } from '../support/figures.js';
import { startProcessForTest } from '../support/server-process.js';
import { expectSpotless } from '../support/verdict.js';
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

test('one of two nodes is killed: its clients go on at the other', async () => {
  const dice = Dice.fromEnvironment();
  console.log(`  kill of one of two: SEED=${dice.seed}`);
  const one = await startProcessForTest();
  const two = await startProcessForTest({ environment: { DATABASE_URL: one.databaseUrl } });
  const killed = Disasters.each([1_000, 2_500], async () => {
    await two.kill();
    await two.startAgain();
  });
  const startedAt = performance.now();
  const run = await keepLedger(
    // A load balancer: it knows which of the two lives.
    { node: () => (two.isAlive ? dice.oneOf([one, two]) : one), databaseUrl: () => one.databaseUrl },
    { calls: 200, pairs: 100, cuts: 1_000, dice, onAcknowledged: killed.onAcknowledged },
  );
  expect(await killed.over()).toBe(2);
  expectSpotless('kill: 200 calls over two nodes, one of them killed twice', run, startedAt);
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
