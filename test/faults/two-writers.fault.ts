import { expect, test } from 'vitest';
import { runSql } from '../support/database.js';
import { Dice } from '../support/dice.js';
import { figures, secondsSince } from '../support/figures.js';
import { watchInboxes } from '../support/inbox-watch.js';
import { startProcessForTest, type ServerProcess } from '../support/server-process.js';
import { callAndTalk, pairsInCalls, writeOnEveryNode } from '../scenarios/two-writers.js';

// Few users on purpose: with many, two writers hardly ever meet, and an algorithm without a lock looks right.
const users = 10;

async function twoNodes(): Promise<[ServerProcess, ServerProcess]> {
  const one = await startProcessForTest();
  return [one, await startProcessForTest({ environment: { DATABASE_URL: one.databaseUrl } })];
}

test('20,000 signals by two nodes into ten inboxes: a reader that polls without pause sees no hole, double or swap', async () => {
  const nodes = await twoNodes();
  const pairs = await pairsInCalls(nodes[0], users / 2);
  const watch = await watchInboxes(
    nodes[0].databaseUrl,
    pairs.flatMap(({ one, other }) => [one.userId, other.userId]),
  );
  const startedAt = performance.now();
  const streams = await writeOnEveryNode(nodes, pairs, 20_000 / users / nodes.length);
  const took = secondsSince(startedAt);
  const { reads, rows, faults } = await watch.stop();
  figures('two writers: 20,000 signals, ten inboxes', {
    'rows seen': rows,
    reads,
    'holes, doubles, swaps': faults.length,
    'received on streams': streams.received,
    'faulty streams': streams.faulty.length,
    took,
  });
  expect(faults).toEqual([]);
  expect(streams).toEqual({ received: 40_000, faulty: [] });
  expect(rows).toBeGreaterThanOrEqual(20_000);
});

test('calls are placed, answered and ended by two nodes against batches of signals: no deadlock, no hole', async () => {
  const dice = Dice.fromEnvironment();
  console.log(`  two writers: SEED=${dice.seed}`);
  const [one, two] = await twoNodes();
  const everyone = async () =>
    (await runSql<{ user_id: string }>(one.databaseUrl, 'SELECT user_id FROM inbox_head')).map((row) => row.user_id);

  const startedAt = performance.now();
  const tally = await callAndTalk([one, two], dice, { pairs: users / 2, rounds: 60 });
  const took = secondsSince(startedAt);
  const watch = await watchInboxes(one.databaseUrl, await everyone());
  const { rows, faults } = await watch.stop();
  // A connection that ends reports what it has counted.
  await Promise.all([one.stop(), two.stop()]);
  const [database] = await runSql<{ deadlocks: number }>(
    one.databaseUrl,
    'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()',
  );
  figures('two writers: calls against signals', {
    ...tally,
    'rows in the inboxes': rows,
    'holes, doubles, swaps': faults.length,
    deadlocks: database!.deadlocks,
    took,
  });
  expect(database).toEqual({ deadlocks: 0 });
  expect(faults).toEqual([]);
  expect(tally['calls']).toBe((users / 2) * 60);
  expect(Object.keys(tally).join()).not.toMatch(/UNAVAILABLE|INTERNAL|TOO_BUSY/);
});
