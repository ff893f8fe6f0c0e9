import { benchCalls } from './calls.ts';
import { layOut } from './columns.ts';
import { type Figures, goalRows } from './goals.ts';
import { benchHistory } from './history-page.ts';
import { benchHttp } from './http-mutations.ts';
import type { Measurement } from './measure.ts';
import { benchMemory } from './memory.ts';
import type { Options } from './options.ts';
import { benchProfile } from './profile.ts';
import { writeReport } from './report.ts';
import { benchSignals } from './signals.ts';
import { benchStart } from './start.ts';
import { median } from './statistics.ts';
import { medianOf, type Result } from './table.ts';

const RATE = 1_000;
const RATE_ROUNDS = 20;
const CROWD = 10_000;
const FEW = 100;

const server = ({ serverMicrosecondsPerSignal }: Measurement): number => serverMicrosecondsPerSignal;
const whole = (run: Measurement): number => server(run) + run.databaseMicrosecondsPerSignal;

/** Every figure there is a goal for, one after the other, and the page that says them. */
export async function benchAll(options: Options): Promise<void> {
  const own: Options = { ...options, only: ['switchboard'] };

  heading('signals, as fast as they go');
  const signals = await benchSignals({ ...options, only: null });
  const relay = resultOf(signals, 'relay');
  const mercurius = resultOf(signals, 'mercurius');
  const ours = resultOf(signals, 'switchboard');

  heading(`signals, ${RATE} a second`);
  const paced = await benchSignals({ ...options, rate: RATE, rounds: RATE_ROUNDS, only: ['relay', 'mercurius', 'switchboard'] });
  const unhurried = resultOf(paced, 'switchboard');

  heading('signals beside devices that are silent');
  const few = resultOf(await benchSignals({ ...own, idle: FEW }), 'switchboard');
  const crowd = resultOf(await benchSignals({ ...own, idle: CROWD }), 'switchboard');

  heading('memory');
  const memory: number[] = [];
  for (let run = 1; run <= options.runs; run += 1) memory.push(await benchMemory({ ...options, devices: CROWD }));

  heading('whole calls');
  const calls = await benchCalls(options);

  heading('mutations over HTTP');
  const http = await benchHttp(options);

  heading('history');
  const history = await benchHistory(options);

  heading('starts');
  const start = await benchStart(options);

  const figures: Figures = {
    relay: medianOf(ours.runs, server) / medianOf(relay.runs, server),
    mercurius: medianOf(ours.runs, server) / medianOf(mercurius.runs, server),
    whole: medianOf(ours.runs, whole) / medianOf(mercurius.runs, server),
    p50: medianOf(unhurried.runs, ({ p50Ms }) => p50Ms),
    p99: medianOf(unhurried.runs, ({ p99Ms }) => p99Ms),
    memory: median(memory),
    calls:
      median(calls.map(({ apiCallsPerSecond }) => apiCallsPerSecond)) / median(calls.map(({ bareCallsPerSecond }) => bareCallsPerSecond)),
    crowd: medianOf(crowd.runs, server) / medianOf(few.runs, server),
    http,
    history,
    start,
  };
  heading('goals');
  console.log(layOut([['figure', 'measured', 'goal', 'stretch', 'holds'], ...goalRows(figures)]));
  writeReport({ figures, signals, paced, options });

  heading('where it goes');
  await benchProfile(options);
}

function heading(text: string): void {
  console.log(`\n== ${text}\n`);
}

function resultOf(results: readonly Result[], name: string): Result {
  const result = results.find(({ program }) => program === name);
  if (result === undefined) throw new Error(`${name} was not measured, and the goals are about it.`);
  return result;
}
