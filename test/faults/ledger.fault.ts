import { expect, test } from 'vitest';
import { Dice } from '../support/dice.js';
import { figures } from '../support/figures.js';
import { judge, spotless, type Entry } from '../support/ledger.js';
import { startProcessForTest } from '../support/server-process.js';
import { expectSpotless } from '../support/verdict.js';
import { keepLedger, type LedgerRun } from '../scenarios/ledger.js';

test('a thousand calls over connections that break: nothing lost, twice, out of order, or with a stranger', async () => {
  const dice = Dice.fromEnvironment();
  console.log(`  ledger: SEED=${dice.seed}`);
  const server = await startProcessForTest();
  const startedAt = performance.now();
  const run = await keepLedger(
    { node: () => server, databaseUrl: () => server.databaseUrl },
    { calls: 1_000, pairs: 100, cuts: 5_000, dice },
  );
  expectSpotless('ledger: 1,000 calls, 5 cuts each', run, startedAt);
  expect(run.cuts).toBe(5_000);
});

test('the checker finds each of five planted faults', async () => {
  const server = await startProcessForTest();
  const run = await keepLedger(
    { node: () => server, databaseUrl: () => server.databaseUrl },
    { calls: 20, pairs: 5, cuts: 40, clients: 'mixed', dice: new Dice(1) },
  );
  expect(judge(run.entries, run.stored)).toMatchObject(spotless);

  const [first, second] = received(run);
  const victim = run.entries[first]!;
  const acknowledged = run.entries.find(
    (entry) => entry.what === 'acknowledged' && 'payload' in victim && entry.payload === victim.payload,
  );
  if (victim.what !== 'received' || acknowledged?.what !== 'acknowledged') throw new Error('The run has no signal.');
  const without = (position: number) => run.entries.filter((_, n) => n !== position);

  const found = {
    drop: judge(without(first), run.stored).lost,
    duplicate: judge([...run.entries, victim], run.stored).twice,
    // Contents change places, positions stay: the server's own numbering does not give it away.
    swap: judge(
      run.entries.map((entry, n) => (n === first ? carrying(entry, second) : n === second ? carrying(entry, first) : entry)),
      run.stored,
    ).outOfOrder,
    crossDelivery: judge([...run.entries, { ...victim, by: 'a stranger' }], run.stored).toStrangers,
    neverStored: judge(run.entries, new Set([...run.stored].filter((payload) => payload !== acknowledged.payload))).unstored,
  };
  figures('ledger: planted faults, and how often each was found', found);
  expect(found).toEqual({ drop: 1, duplicate: 1, swap: 1, crossDelivery: 1, neverStored: 1 });

  function carrying(entry: Entry, position: number): Entry {
    const other = run.entries[position]!;
    return entry.what === 'received' && other.what === 'received' ? { ...entry, payload: other.payload } : entry;
  }
});

/** Two signals that one device received one after the other in one call. */
function received({ entries }: LedgerRun): [number, number] {
  for (const [position, entry] of entries.entries()) {
    if (entry.what !== 'received') continue;
    const next = entries.findIndex(
      (other, n) => n > position && other.what === 'received' && other.by === entry.by && other.callId === entry.callId,
    );
    if (next > 0) return [position, next];
  }
  throw new Error('Nobody received two signals.');
}
