import { expect, test } from 'vitest';
import { SteadyLoad } from '../scenarios/steady-load.js';
import { twoInACall } from '../support/device.js';
import { figures, percentile } from '../support/figures.js';
import { startFleet } from '../support/fleet.js';
import { RingWatch } from '../support/ring-watch.js';

const retentionSeconds = 60;
const perSecond = 1_000;
/** What is kept at most: the retention, and the slot that is being written. */
const fullAfterMs = (retentionSeconds * 4 * 1_000) / 3;
/** Around the moment at which a partition was seen to be empty. */
const aroundMs = 500;

test('over three times the retention the database stops growing, whichever node is left to empty it', async () => {
  const fleet = await startFleet({ nodes: 2, environment: { SIGNAL_RETENTION_MINUTES: '1' } });
  const [one, other] = [fleet.nodes[0]!, fleet.nodes[1]!];
  const { ana, ben, callId } = await twoInACall(one);
  ben.cut();
  await ana.send(callId, 'CUSTOM', 'soon forgotten');
  const load = await SteadyLoad.begin(one, perSecond);
  const ring = await RingWatch.startForTest(fleet.postgres.url);
  const startedAt = Date.now();

  await load.goOn([one, other], 70, 'coming and going');
  await other.kill();
  const oneAloneAt = Date.now();
  await load.goOn([one], 55, 'away');
  await load.goOn([one], 10, 'coming and going');
  await other.startAgain();
  await one.kill();
  const otherAloneAt = Date.now();
  await load.goOn([other], 70, 'coming and going');
  const endedAt = Date.now();
  const faulty = await load.faultyReaders();
  const tooOld = await ben.comeBack(other);

  const grownAt = startedAt + fullAfterMs;
  const laterAt = grownAt + retentionSeconds * 1_000;
  const inbox = [ring.largest('inboxBytes', grownAt, laterAt), ring.largest('inboxBytes', laterAt, endedAt)] as const;
  const database = [ring.largest('databaseBytes', grownAt, laterAt), ring.largest('databaseBytes', laterAt, endedAt)] as const;
  const emptied = {
    both: emptiedBetween(startedAt, oneAloneAt),
    one: emptiedBetween(oneAloneAt, otherAloneAt),
    other: emptiedBetween(otherAloneAt, endedAt),
  };
  const all = load.acknowledged.map(({ tookMs }) => tookMs);
  const meanwhile = load.acknowledged
    .filter(({ sentAt, tookMs }) => ring.emptied.some((at) => sentAt + tookMs >= at - aroundMs && sentAt <= at + aroundMs / 2))
    .map(({ tookMs }) => tookMs);
  figures(`retention of one minute: ${perSecond.toLocaleString('en')} signals a second for over three of them, two nodes`, {
    signals: all.length,
    'signals a second': Math.round((all.length * 1_000) / (endedAt - startedAt)),
    'largest inbox, from 80 s to 140 s and from there': `${mib(inbox[0])} and ${mib(inbox[1])} MiB`,
    'largest database, from 80 s to 140 s and from there': `${mib(database[0])} and ${mib(database[1])} MiB`,
    'partitions emptied by both, one alone, the other alone': `${emptied.both}, ${emptied.one}, ${emptied.other}`,
    'acknowledged after': `p50 ${ms(all, 0.5)}, p99 ${ms(all, 0.99)}, at most ${ms(all, 1)}`,
    'while a partition was emptied': `p50 ${ms(meanwhile, 0.5)}, p99 ${ms(meanwhile, 0.99)}, at most ${ms(meanwhile, 1)}`,
    'resumes within the retention, the last of an absence of 55 s': load.resumes,
    'readers who missed one, or had one twice or out of order': faulty.missed,
    'readers who were not recovered': faulty.unrecovered,
  });
  expect(inbox[1]).toBeLessThan(inbox[0] * 1.1);
  expect(database[1]).toBeLessThan(database[0] * 1.1);
  // The first one is due when the ring has gone round.
  for (const count of [emptied.one, emptied.other]) expect(count).toBeGreaterThanOrEqual(1);
  expect(percentile(meanwhile, 0.99)).toBeLessThan(1_000);
  expect(faulty).toEqual({ missed: 0, unrecovered: 0 });
  expect(tooOld.recovered).toBe(false);

  function emptiedBetween(from: number, to: number): number {
    return ring.emptied.filter((at) => at >= from && at < to).length;
  }
});

function mib(bytes: number): string {
  return (bytes / 1_024 / 1_024).toFixed(0);
}

function ms(values: readonly number[], share: number): string {
  return `${percentile(values, share).toFixed(0)} ms`;
}
