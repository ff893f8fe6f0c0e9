import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import type { BareCalls } from './bare-calls.ts';
import { databaseUrlOf, SLOT_US } from './bench-database.ts';
import { CallLoop } from './call-loop.ts';
import { layOut } from './columns.ts';
import { cores, pin, pinned } from './cores.ts';
import { fewAtATime } from './few-at-a-time.ts';
import type { Options } from './options.ts';
import { databasePids } from './process-usage.ts';
import { ServerProcess } from './server-process.ts';
import { median } from './statistics.ts';
import { createSwitchboardClient } from './switchboard-client.ts';
import { openInbox } from './switchboard-inbox.ts';
import { launchSwitchboard, PRODUCTION } from './switchboard-program.ts';

const WARMUP_MS = 3_000;
const MEASURED_MS = 10_000;
const PAIRS_AT_ONCE = 8;
/** As the server's own (src/db/database.ts). */
const POOL_SIZE = 12;
const bareProgram = fileURLToPath(new URL('bare-calls.ts', import.meta.url));

export interface CallFigures {
  readonly apiCallsPerSecond: number;
  readonly bareCallsPerSecond: number;
}

/**
 * Whole calls a second, created, accepted and ended by the API with both sides told of each step, beside the same three
 * statements on bare prepared `pg`: by the same pairs, on the same Postgres, the one after the other on the same core.
 */
export async function benchCalls(options: Options): Promise<CallFigures[]> {
  const runs: CallFigures[] = [];
  for (let run = 1; run <= options.runs; run += 1) {
    const figures = await measureCalls(options);
    runs.push(figures);
    console.log(`run ${run} of ${options.runs}: ${describe(figures)}`);
  }
  const api = median(runs.map(({ apiCallsPerSecond }) => apiCallsPerSecond));
  const bare = median(runs.map(({ bareCallsPerSecond }) => bareCallsPerSecond));
  const rows = [
    ['whole calls', 'a second', 'of bare'],
    ['bare pg', bare.toFixed(0), ''],
    ['Switchboard', api.toFixed(0), (api / bare).toFixed(2)],
  ];
  console.log(`\n${layOut(rows)}\n\nMedians; ${options.pairs} pairs at once.`);
  return runs;
}

async function measureCalls({ pairs: count, switchboardCommand }: Options): Promise<CallFigures> {
  const server = await ServerProcess.start((place) => launchSwitchboard(switchboardCommand, place, PRODUCTION));
  const loops: CallLoop[] = [];
  try {
    const client = createSwitchboardClient(server.httpUrl);
    const pairs = await fewAtATime(count, PAIRS_AT_ONCE, async (number) => {
      const [caller, callee] = await Promise.all([client.register(`calls${number}er`), client.register(`calls${number}ee`)]);
      const [callerSocket, calleeSocket] = await Promise.all([openInbox(server.socketUrl, caller), openInbox(server.socketUrl, callee)]);
      loops.push(new CallLoop(callerSocket, calleeSocket, callee.userId));
      return { caller, callee };
    });
    // Connections that were opened for the first statements.
    for (const pid of databasePids(server.place.dataDirectory)) pin(pid, cores.database);
    const api = await callsOf(loops);
    const databaseUrl = databaseUrlOf(server.place.dataDirectory);
    const bare = await bareCalls({
      databaseUrl,
      poolSize: POOL_SIZE,
      slotUs: SLOT_US,
      functions: await functionsOfServer(),
      warmupMs: WARMUP_MS,
      measuredMs: MEASURED_MS,
      pairs,
    });
    return { apiCallsPerSecond: api, bareCallsPerSecond: bare };
  } finally {
    for (const loop of loops) loop.stop();
    await server.stop();
  }
}

async function callsOf(loops: readonly CallLoop[]): Promise<number> {
  const from = performance.now() + WARMUP_MS;
  const to = from + MEASURED_MS;
  let calls = 0;
  const turn = async (loop: CallLoop): Promise<void> => {
    while (performance.now() < to) {
      await loop.callOnce();
      const now = performance.now();
      if (now >= from && now < to) calls += 1;
    }
  };
  await Promise.all(loops.map(turn));
  return calls / (MEASURED_MS / 1_000);
}

/** In a process on the server's core, which idles meanwhile. */
async function bareCalls(what: BareCalls): Promise<number> {
  const [program, ...argumentList] = pinned(cores.server, [process.execPath, bareProgram]);
  const child = spawn(program, argumentList, {
    env: { ...process.env, BARE_CALLS: JSON.stringify(what) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { calls } = JSON.parse(await text(child.stdout)) as { calls: number };
  return calls / (MEASURED_MS / 1_000);
}

/** Of the server that was built: the names end in a hash of what the functions do. */
async function functionsOfServer(): Promise<BareCalls['functions']> {
  const name = async (file: string, exported: string): Promise<string> => {
    const built = (await import(new URL(`../dist/calls/${file}`, import.meta.url).href)) as Record<string, { name: string }>;
    return built[exported]!.name;
  };
  return {
    create: await name('create-call.sql.js', 'createCall'),
    accept: await name('accept-call.sql.js', 'acceptCall'),
    end: await name('end-call.sql.js', 'endCall'),
  };
}

function describe({ apiCallsPerSecond, bareCallsPerSecond }: CallFigures): string {
  return `${apiCallsPerSecond.toFixed(0)} calls a second, ${bareCallsPerSecond.toFixed(0)} on bare pg`;
}
