import { expect, test } from 'vitest';
import { Dice } from '../support/dice.js';
import { Disasters } from '../support/disasters.js';
import { figures, ms, percentile } from '../support/figures.js';
import { startFleet } from '../support/fleet.js';
import { startProcessForTest, type Exit } from '../support/server-process.js';
import { expectSpotless } from '../support/verdict.js';
import { leaveNode } from '../scenarios/leaving-node.js';
import { keepLedger } from '../scenarios/ledger.js';

test('a node that is told to stop is not ready at once, answers what is under way, lets its clients go one after the other, and ends', async () => {
  const node = await startProcessForTest({ environment: { DRAIN_SECONDS: '10' } });
  const { notReadyAfterMs, closedAfterMs, codes, told, underWay, answered, exit } = await leaveNode(node, 200);
  figures('SIGTERM: 200 idle clients, 20 operations that wait, one client that reads nothing; DRAIN_SECONDS=10', {
    'not ready within 500 ms: after': ms(notReadyAfterMs),
    'told ServerDraining, of 200': told,
    'closed with 1012, of 200': codes.filter((code) => code === 1012).length,
    'closed: the first after': ms(Math.min(...closedAfterMs)),
    'closed: a quarter after': ms(percentile(closedAfterMs, 0.25)),
    'closed: half after': ms(percentile(closedAfterMs, 0.5)),
    'closed: three quarters after': ms(percentile(closedAfterMs, 0.75)),
    'closed: the last after': ms(Math.max(...closedAfterMs)),
    'operations under way': underWay,
    'answered on their socket': answered,
    'exit code': exit.code ?? 'none',
    'ended within 15,000 ms: after': ms(exit.afterMs),
  });
  expect(notReadyAfterMs).toBeLessThan(500);
  expect(told).toBe(200);
  expect(new Set(codes)).toEqual(new Set([1012]));
  // 50 a second, by the plan: all at once would be next to nothing.
  expect(Math.max(...closedAfterMs) - Math.min(...closedAfterMs)).toBeGreaterThan(3_000);
  expect(percentile(closedAfterMs, 0.75) - percentile(closedAfterMs, 0.25)).toBeGreaterThan(1_500);
  expect(answered).toBe(underWay);
  expect(exit).toMatchObject({ code: 0 });
  expect(exit.afterMs).toBeLessThan(15_000);
});

test('a node that is told to stop under load, and five rolling restarts, at 500 signals a second: nothing lost, no mutation fails', async () => {
  const dice = Dice.fromEnvironment();
  console.log(`  rolling restarts: SEED=${dice.seed}`);
  const fleet = await startFleet({ nodes: 2, environment: { DRAIN_SECONDS: '3' } });
  const exits: Exit[] = [];
  const stoppedWithinMs: number[] = [];
  let turn = 0;
  const restarts = Disasters.each([1_000, 4_500, 8_000, 11_500, 15_000], async () => {
    const node = fleet.nodes[(turn += 1) % 2]!;
    const at = performance.now();
    exits.push(await node.stop());
    stoppedWithinMs.push(performance.now() - at);
    await node.startAgain();
  });
  const startedAt = performance.now();
  const run = await keepLedger(
    { node: () => fleet.entrance, databaseUrl: () => fleet.postgres.url },
    {
      calls: 200,
      pairs: 50,
      signalsEach: 50,
      cuts: 0,
      dice,
      clients: 'mixed',
      signalsPerSecond: 550,
      onAcknowledged: restarts.onAcknowledged,
    },
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  expect(await restarts.over()).toBe(5);
  expectSpotless('rolling restarts: five, of two nodes behind nginx; DRAIN_SECONDS=3', run, startedAt, {
    'signals a second': Math.round(run.signals / seconds),
    'mutations that failed': 0,
    'a node ended, at the latest, after': ms(Math.max(...stoppedWithinMs)),
  });
  expect(exits).toEqual(Array.from({ length: 5 }, () => ({ code: 0, signal: null })));
});
