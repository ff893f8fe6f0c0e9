import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { BenchDatabase } from './bench-database.ts';
import { type Case, casesOf, type CaseFigures, measureCases } from './history-cases.ts';
import { fillCalls } from './history-rows.ts';
import { historyTable } from './history-table.ts';
import type { Options } from './options.ts';
import { ServerProcess } from './server-process.ts';
import { createSwitchboardClient, type SwitchboardClient, type SwitchboardSession } from './switchboard-client.ts';
import { launchSwitchboard } from './switchboard-program.ts';

const SMALL_ROWS = 1_000;
const FEW_CALLS = 500;
const MANY_CALLS = 100_000;
const COUNTERPARTS = 10;
/** A row with its five entries in indexes, and what sorting them takes meanwhile. */
const BYTES_A_ROW = 700;

/** Ten logins at the cost that production insists on measure nothing that is asked here. */
const CHEAP_LOGINS = { NODE_ENV: 'development', BCRYPT_COST: '4' };

/** What a page of the history costs in a small table and in a large one; the demand is at most one and a half times as much. */
export async function benchHistory({ rows, repeats, switchboardCommand }: Options): Promise<void> {
  requireDisk(rows * BYTES_A_ROW);
  const server = await ServerProcess.start((place) => launchSwitchboard(switchboardCommand, place, CHEAP_LOGINS));
  let database: BenchDatabase | null = null;
  try {
    database = await BenchDatabase.open(server.place.dataDirectory);
    const client = createSwitchboardClient(server.httpUrl);
    const [few, many] = await Promise.all([client.register('bench-few'), client.register('bench-many')]);
    const counterparts: string[] = [];
    for (let number = 0; number < COUNTERPARTS; number += 1) counterparts.push((await client.register(`bench-other-${number}`)).userId);
    const bench = { client, database, counterparts, repeats };

    const small = await measureTable(bench, SMALL_ROWS, [{ session: few, calls: FEW_CALLS }]);
    const large = await measureTable(bench, rows, [
      { session: few, calls: FEW_CALLS },
      { session: many, calls: Math.min(MANY_CALLS, rows / 10) },
    ]);
    console.log(`\n${historyTable(small, large)}`);
  } finally {
    await database?.close();
    await server.stop();
  }
}

interface Bench {
  readonly client: SwitchboardClient;
  readonly database: BenchDatabase;
  readonly counterparts: readonly string[];
  readonly repeats: number;
}

/** Fills the table, then measures each subject in it. */
async function measureTable(
  { client, database, counterparts, repeats }: Bench,
  rows: number,
  subjects: readonly { session: SwitchboardSession; calls: number }[],
): Promise<CaseFigures[]> {
  console.log(`${rows.toLocaleString('en')} calls in the table`);
  const startedAt = performance.now();
  const say = (line: string): void => console.log(`  ${((performance.now() - startedAt) / 1_000).toFixed(0).padStart(4)} s  ${line}`);
  await fillCalls(
    database,
    rows,
    subjects.map(({ session, calls }) => ({ userId: session.userId, calls })),
    counterparts,
    say,
  );
  const cases: Case[] = [];
  for (const { session, calls } of subjects) cases.push(...(await casesOf(client, session, calls, counterparts)));
  const figures = await measureCases(client, database, rows, cases, repeats);
  say('measured');
  return figures;
}

function requireDisk(bytes: number): void {
  const { bavail, bsize } = statfsSync(tmpdir());
  const free = bavail * bsize;
  if (free < bytes)
    throw new Error(`${tmpdir()} has ${gigabytes(free)} free, and this takes up to ${gigabytes(bytes)}: set TMPDIR, or fewer --rows.`);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
