import { expect, test } from 'vitest';
import { Dice } from '../support/dice.js';
import { Disasters } from '../support/disasters.js';
import { figures } from '../support/figures.js';
import { judge, spotless, type Verdict } from '../support/ledger.js';
import { startPlantedServer, type Mistake } from '../support/planted-server.js';
import { startProcessForTest } from '../support/server-process.js';
import { expectSpotless } from '../support/verdict.js';
import { keepLedger } from '../scenarios/ledger.js';

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

/** Where a subscriber takes an event that is for its device. */
function deliversBy(to: string): Mistake {
  return { file: 'inbox/subscriber.js', changes: [['this.#push({ event }, event.body?.length ?? 0);', to]] };
}
const isOneOfMany = 'event.body !== null && event.seq % 17 === 0';
const deliver = 'this.#push({ event }, 0);';

/** Each is one mistake of a server, and what of the verdict has to tell it. */
const mistakes: readonly (readonly [string, Mistake | null, keyof typeof spotless | null])[] = [
  ['no fault', null, null],
  ['a drop', deliversBy(`if (!(${isOneOfMany})) ${deliver}`), 'lost'],
  ['a double', deliversBy(`${deliver} if (${isOneOfMany}) ${deliver}`), 'twice'],
  [
    'a swap',
    deliversBy(`if (${isOneOfMany}) this.held = event;
      else {
        ${deliver}
        if (this.held !== undefined) this.#push({ event: this.held }, 0);
        this.held = undefined;
      }`),
    'outOfOrder',
  ],
  [
    'a cross-delivery',
    deliversBy(`${deliver}
      const everybody = (globalThis.everybody ??= new Set()).add(this);
      if (${isOneOfMany}) [...everybody].find(({ reader }) => reader.userId !== this.reader.userId)?.${deliver.slice(5)}`),
    'toStrangers',
  ],
  [
    'an acknowledgement before the commit',
    {
      file: 'signaling/signal.service.js',
      changes: [
        [
          'async #send(viewer, signal) {',
          `async #send(viewer, signal) {
            setTimeout(() => void this.#commit.submit(signal).catch(() => undefined), 20);
            return { id: signal.id, delivery: 'STORED', duplicate: false };
          }
          async sendAsItWas(viewer, signal) {`,
        ],
      ],
    },
    'unstored',
  ],
];

test.for(mistakes)('of a server with %s the checker says so', async ([mistake, planted, told]) => {
  const dice = Dice.fromEnvironment();
  console.log(`  ledger, ${mistake}: SEED=${dice.seed}`);
  const server = await startPlantedServer(planted);
  const killed = Disasters.each([300], async () => {
    await server.kill();
    await server.startAgain();
  });
  const run = await keepLedger(
    { node: () => server, databaseUrl: () => server.databaseUrl },
    {
      calls: 16,
      pairs: 8,
      signalsEach: 20,
      cuts: 16,
      dice,
      clients: 'mixed',
      // What is lost is waited for no longer than this; what comes later is judged all the same.
      ...(told === null ? {} : { patienceMs: 1_000 }),
      onAcknowledged: killed.onAcknowledged,
    },
  );
  expect(await killed.over()).toBe(1);
  const verdict: Verdict = judge(run.entries, run.stored);
  figures(`ledger: planted, ${mistake}`, { ...verdict });
  if (told === null) expect(verdict).toMatchObject(spotless);
  else expect(verdict[told]).toBeGreaterThan(0);
});
