import { BenchDatabase, databaseUrlOf, SLOT_US } from './bench-database.ts';
import { layOut } from './columns.ts';
import { fillCalls } from './history-rows.ts';
import { measure, type Measurement } from './measure.ts';
import type { Options } from './options.ts';
import { mostOpenFiles } from './process-usage.ts';
import type { Program } from './program.ts';
import { writeScale } from './report.ts';
import { SIGNALS_PER_ROUND } from './script.ts';
import { ServerProcess } from './server-process.ts';
import { launchSwitchboard, PRODUCTION, switchboard } from './switchboard-program.ts';

/** Pairs times rounds: the same number of signals, however many calls carry them. */
const PAIR_ROUNDS = 5_000;
const RATE_SECONDS = 10;
const KEEPERS = 1_000;
const RATES = [1_000, 2_500, 5_000, 10_000];
/** With all of 2,000 calls no more are under way than a node lets wait for their commit. */
const WINDOW_OF_MANY = 2;
/** What a node has open beside the sockets of those who are silent. */
const FILES_OF_THE_NODE = 1_000;
const TWO_NODES = 'signals across two nodes, which have one side of every call each';

/** What grows, how far, and how it is measured then. */
interface Step {
  readonly what: string;
  readonly size: string;
  readonly run: (options: Options) => Promise<Measurement>;
}

const HEAD = ['what grows', 'to', 'CPU µs/signal', 'Postgres µs', 'signals/s', 'p50 ms', 'p99 ms'];

/** What a signal costs while everything around it grows, one thing after the other. A step that cannot be taken says so, and the next one is. */
export async function benchScale(options: Options): Promise<void> {
  const rows: string[][] = [HEAD];
  const wanted = steps(options).filter(({ what }) => options.only?.some((word) => what.includes(word)) ?? true);
  for (const { what, size, run } of wanted) {
    const name = `${what}, ${size}`;
    try {
      const measured = await run({ ...options, rate: null });
      rows.push(row(what, size, measured));
      console.log(`${name}: ${measured.serverMicrosecondsPerSignal.toFixed(1)} µs`);
    } catch (error) {
      rows.push([what, size, `not reached: ${(error as Error).message.split('\n')[0]}`, '', '', '', '']);
      console.log(`${name}: ${(error as Error).message}`);
    }
  }
  console.log(`\n${layOut(rows)}`);
  if (options.only === null) writeScale(rows);
}

function steps({ switchboardCommand: command, pairs: talking }: Options): readonly Step[] {
  const plain = switchboard(command, {});
  const step = (what: string, size: number | string, program: Program, changes: Partial<Options> = {}): Step => ({
    what,
    size: size.toLocaleString('en'),
    run: (options) => measure(program, { ...options, idle: 0, ...changes }),
  });
  const atRate = (rate: number): Partial<Options> => ({ rate, rounds: roundsAt(rate, talking) });
  return [
    ...[100, 1_000, 10_000, Math.min(20_000, mostOpenFiles() - FILES_OF_THE_NODE)].map((idle) =>
      step('devices that are connected and silent', idle, switchboard(command, { idle }), { idle }),
    ),
    ...[50, 500, 2_000].map((pairs) =>
      step('calls that signal at once', pairs, plain, { pairs, window: WINDOW_OF_MANY, ...roundsOf(pairs) }),
    ),
    ...RATES.map((rate) => step('signals a second', rate, plain, atRate(rate))),
    ...[100_000, 1_000_000].map((kept) => step('signals that are kept', kept, switchboard(command, { prepare: keepSignals(kept) }))),
    ...[100_000, 1_000_000].map((calls) => step('calls in the history', calls, switchboard(command, { prepare: keepCalls(calls) }))),
    ...RATES.map((rate) => step(TWO_NODES, `${rate.toLocaleString('en')} a second`, acrossTwoNodes(command), atRate(rate))),
    step(TWO_NODES, 'as fast as they go', acrossTwoNodes(command)),
  ];
}

function roundsOf(pairs: number): Pick<Options, 'rounds' | 'warmupRounds'> {
  return { rounds: Math.ceil(PAIR_ROUNDS / pairs), warmupRounds: Math.ceil(PAIR_ROUNDS / 3 / pairs) };
}

function roundsAt(rate: number, pairs: number): number {
  return Math.ceil((rate * RATE_SECONDS) / (pairs * SIGNALS_PER_ROUND));
}

/** The callers are at one node, the callees at another: every event is a hint and a read. */
function acrossTwoNodes(command: string): Program {
  let second: ServerProcess | null = null;
  return switchboard(command, {
    prepare: async (first) => {
      second = await ServerProcess.start((place) => {
        const launch = launchSwitchboard(command, place, PRODUCTION);
        const databaseUrl = databaseUrlOf(first.place.dataDirectory);
        return {
          ...launch,
          environment: { ...first.environment, DATABASE_URL: databaseUrl, DATA_DIR: place.dataDirectory },
        };
      });
      return [second];
    },
    socketOfCallees: () => second!.socketUrl,
  });
}

function keepSignals(count: number): (server: ServerProcess) => Promise<readonly ServerProcess[]> {
  return (server) =>
    withDatabase(server, async (database) => {
      await database.rows(
        `INSERT INTO inbox (slot, user_id, seq, at, prev_at, id, call_id, kind, from_user_id, from_device_id, body)
         SELECT at / $2 % 6, md5((n % $3)::text)::uuid, n / $3 + 1, at, at, gen_random_uuid(), gen_random_uuid(), 'CUSTOM', gen_random_uuid(), gen_random_uuid(), repeat('x', 200)
         FROM (SELECT n, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS at FROM generate_series(0, $1::int - 1) AS n) made`,
        [count, SLOT_US, KEEPERS],
      );
    });
}

function keepCalls(count: number): (server: ServerProcess) => Promise<readonly ServerProcess[]> {
  return (server) => withDatabase(server, (database) => fillCalls(database, count, [], [], () => undefined));
}

async function withDatabase(server: ServerProcess, work: (database: BenchDatabase) => Promise<void>): Promise<readonly ServerProcess[]> {
  const database = await BenchDatabase.open(server.place.dataDirectory);
  try {
    await work(database);
  } finally {
    await database.close();
  }
  return [];
}

function row(what: string, size: string, measured: Measurement): string[] {
  const { serverMicrosecondsPerSignal, databaseMicrosecondsPerSignal, signalsPerSecond, p50Ms, p99Ms } = measured;
  const figures = [serverMicrosecondsPerSignal.toFixed(1), databaseMicrosecondsPerSignal.toFixed(1), signalsPerSecond.toFixed(0)];
  return [what, size, ...figures, p50Ms.toFixed(2), p99Ms.toFixed(2)];
}
