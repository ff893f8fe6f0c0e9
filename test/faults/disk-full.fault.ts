import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { ApiError } from '../support/api.js';
import { runSql } from '../support/database.js';
import { type Device, signUp, twoInACall } from '../support/device.js';
import { figures } from '../support/figures.js';
import { startFleet } from '../support/fleet.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { SmallDisk } from '../support/small-disk.js';
import { until } from '../support/until.js';

const answersWithinMs = 2_000;
const healsWithinMs = 5_000;
const fullForMs = 6_000;
const inFlight = 20;
/** WAL comes in files of 16 MiB: with these it stays below 50 MiB, beside 40 of an empty database. */
const settings = { max_wal_size: '32MB', min_wal_size: '32MB', log_min_error_statement: 'panic' };

test.each([
  { what: 'tables cannot grow', endsPostgres: false },
  { what: 'the log of writes cannot go on, which ends Postgres', endsPostgres: true },
])('a full disk of the database costs no acknowledged signal, and nothing but time: $what', async ({ what, endsPostgres }) => {
  const disk = await SmallDisk.mountForTest(160);
  const postgres = await OwnPostgres.startForTest({ folder: disk.folder, settings });
  const { nodes, entrance } = await startFleet({ nodes: 1, postgres });
  const [node] = nodes;
  const { ana, ben, callId } = await twoInACall(entrance);
  const sender = new Sender(ana, callId);

  await until('a hundred signals', () => sender.acknowledged.length > 100);
  disk.fill();
  const fullAt = performance.now();
  await until('the first refusal', () => sender.refusals.length > 0, { withinMs: 20_000 });
  if (endsPostgres) await until('the end of Postgres', async () => !(await succeeds(runSql(postgres.url, 'SELECT pg_switch_wal()'))));
  await until('the time to pass', () => performance.now() - fullAt > fullForMs, { withinMs: fullForMs });
  // A small row may still find room on a page that there is.
  const registers = await signUp(entrance).then(
    () => 'done',
    (error: ApiError) => error.code,
  );
  expect(endsPostgres ? ['UNAVAILABLE'] : ['UNAVAILABLE', 'done']).toContain(registers);
  const before = sender.acknowledged.length;

  disk.free();
  const freedAt = performance.now();
  // Whoever keeps it running starts it again.
  if (endsPostgres) {
    await postgres.stop();
    await postgres.startAgain();
  }
  await until('a signal', () => sender.acknowledged.length > before, { withinMs: 30_000 });
  const signalsAfterMs = Math.round(performance.now() - freedAt);
  await until('somebody to sign up', () => succeeds(signUp(entrance)), { withinMs: 30_000 });
  const registersAfterMs = Math.round(performance.now() - freedAt);
  await sender.stop();

  const heard = () => ben.signals.map(({ payload }) => numberOf(payload));
  await until('the last signal', () => heard().includes(sender.acknowledged.at(-1)!));
  figures(`the disk of Postgres full: ${what}`, {
    'signals acknowledged': sender.acknowledged.length,
    'signals refused': sender.refusals.length,
    'slowest refusal (within 2,000 ms)': `${Math.max(...sender.refusals.map(({ tookMs }) => tookMs))} ms`,
    'slowest acknowledgement': `${sender.slowestMs} ms`,
    'signals again after space (within 5,000 ms)': `${signalsAfterMs} ms`,
    'registrations again after space (within 5,000 ms)': `${registersAfterMs} ms`,
  });
  expect(node?.isAlive).toBe(true);
  expect(sender.refusals.filter(({ code, tookMs }) => code !== 'UNAVAILABLE' || tookMs > answersWithinMs)).toEqual([]);
  expect(Math.max(signalsAfterMs, registersAfterMs)).toBeLessThan(healsWithinMs);
  // Ascending: none twice, none late.
  expect(heard()).toEqual([...new Set(heard())].toSorted((a, b) => a - b));
  expect(sender.acknowledged.filter((number) => !heard().includes(number))).toEqual([]);
  const stored = new Set((await runSql<{ id: string }>(postgres.url, 'SELECT id FROM inbox')).map(({ id }) => id));
  expect(sender.receipts.filter((id) => !stored.has(id))).toEqual([]);
  await Promise.all([ana.leave(), ben.leave()]);
});

/** Says something without end, a few at once, each once. */
class Sender {
  readonly acknowledged: number[] = [];
  readonly receipts: string[] = [];
  readonly refusals: { code: unknown; tookMs: number }[] = [];
  slowestMs = 0;
  #count = 0;
  #over = false;
  readonly #talking: Promise<unknown>;

  constructor(by: Device, callId: string) {
    this.#talking = Promise.all(Array.from({ length: inFlight }, () => this.#talk(by, callId)));
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#talking;
  }

  async #talk(by: Device, callId: string): Promise<void> {
    while (!this.#over) {
      const number = (this.#count += 1);
      const askedAt = performance.now();
      const took = (): number => Math.round(performance.now() - askedAt);
      try {
        const { id } = await by.stream(callId, 'CUSTOM', `${number} ${randomBytes(3_000).toString('base64')}`);
        this.acknowledged.push(number);
        this.receipts.push(id);
        this.slowestMs = Math.max(this.slowestMs, took());
      } catch (error) {
        this.refusals.push({ code: error instanceof ApiError ? error.code : String(error), tookMs: took() });
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function numberOf(payload: string): number {
  return Number.parseInt(payload, 10);
}

function succeeds(asked: Promise<unknown>): Promise<boolean> {
  return asked.then(
    () => true,
    () => false,
  );
}
