import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { BenchDatabase } from './bench-database.ts';
import { type Case, casesOf, measureCases } from './history-cases.ts';
import { fillCalls } from './history-rows.ts';
import { historyTable, worstRatio } from './history-table.ts';
import { CHEAP_LOGINS } from './idle-devices.ts';
import type { Options } from './options.ts';
import { ServerProcess } from './server-process.ts';
import { createSwitchboardClient, type SwitchboardClient } from './switchboard-client.ts';
import { launchSwitchboard } from './switchboard-program.ts';

const SMALL_ROWS = 1_000;
const FEW_CALLS = 500;
const MANY_CALLS = 100_000;
const COUNTERPARTS = 10;
/** A row with its five entries in indexes, and what sorting them takes meanwhile. */
const BYTES_A_ROW = 700;

/**
 * What a page of the history costs in a small table and in a large one; the demand is at most one and a half times as
 * much. Each table has a server and a Postgres of its own, so that the two are asked in turn and a machine that slows
 * down does so for both. The largest of the ratios over the API.
 */
export async function benchHistory({ rows, repeats, switchboardCommand }: Options): Promise<number> {
  requireDisk(rows * BYTES_A_ROW);
  const started = new AsyncDisposableStack();
  try {
    const table = (): Promise<Table> => startTable(switchboardCommand, started);
    const [small, large] = [await table(), await table()];
    const smallCases = await fill(small, SMALL_ROWS, [FEW_CALLS]);
    const largeCases = await fill(large, rows, [FEW_CALLS, Math.min(MANY_CALLS, rows / 10)]);
    console.log(`each page ${repeats} times by the API, in turn, then so many times by EXPLAIN`);
    const figures = await measureCases([...smallCases, ...largeCases], repeats);
    console.log(`\n${historyTable(figures)}`);
    return worstRatio(figures);
  } finally {
    await started.disposeAsync();
  }
}

interface Table {
  readonly client: SwitchboardClient;
  readonly database: BenchDatabase;
  readonly counterparts: readonly string[];
}

async function startTable(command: string, started: AsyncDisposableStack): Promise<Table> {
  const server = started.adopt(await ServerProcess.start((place) => launchSwitchboard(command, place, CHEAP_LOGINS)), (it) => it.stop());
  const database = started.adopt(await BenchDatabase.open(server.place.dataDirectory), (it) => it.close());
  const client = createSwitchboardClient(server.httpUrl);
  const counterparts: string[] = [];
  for (let number = 0; number < COUNTERPARTS; number += 1) counterparts.push((await client.register(`bench-other-${number}`)).userId);
  return { client, database, counterparts };
}

/** Fills the table, with a user of so many calls for each of `lengths`. Returns their pages. */
async function fill(table: Table, rows: number, lengths: readonly number[]): Promise<Case[]> {
  const { client, database, counterparts } = table;
  console.log(`${rows.toLocaleString('en')} calls in the table`);
  const startedAt = performance.now();
  const subjects = await Promise.all(lengths.map(async (calls) => ({ session: await client.register(`bench-${calls}`), calls })));
  await fillCalls(
    database,
    rows,
    subjects.map(({ session, calls }) => ({ userId: session.userId, calls })),
    counterparts,
    (line) => console.log(`  ${((performance.now() - startedAt) / 1_000).toFixed(0).padStart(4)} s  ${line}`),
  );
  const cases: Case[] = [];
  for (const { session, calls } of subjects) cases.push(...(await casesOf({ ...table, rows, session, calls }, counterparts)));
  return cases;
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
