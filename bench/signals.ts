import { measure, type Measurement } from './measure.ts';
import type { Options } from './options.ts';
import { cores } from './cores.ts';
import { mercurius, mercuriusJit, peerJs, relay, socketIo, typeGraphqlDocumented, yoga } from './peer-programs.ts';
import { preparePeers } from './peers.ts';
import type { Program } from './program.ts';
import { SIGNALS_PER_ROUND } from './script.ts';
import { switchboard } from './switchboard-program.ts';
import { type Result, signalsTable } from './table.ts';

/** Each run takes every program once, so that a machine that slows down does so for all of them. */
export async function benchSignals(options: Options): Promise<readonly Result[]> {
  const programs = chosen(options);
  preparePeers();
  console.log(conditions(options));
  const measured = new Map<Program, Measurement[]>(programs.map((program) => [program, []]));
  for (let run = 1; run <= options.runs; run += 1) {
    for (const program of programs) {
      const measurement = await measure(program, options);
      measured.get(program)!.push(measurement);
      console.log(`run ${run} of ${options.runs}: ${program.name} ${describe(measurement)}`);
    }
  }
  const results = programs.map((program): Result => ({
    program: program.name,
    storesAndAuthorises: program.storesAndAuthorises,
    runs: measured.get(program)!,
  }));
  console.log(`\n${signalsTable(results)}\n\n${notes(results)}`);
  return results;
}

function chosen({ only, idle, switchboardCommand }: Options): readonly Program[] {
  const programs = [
    relay,
    socketIo,
    peerJs,
    mercurius,
    mercuriusJit,
    yoga,
    typeGraphqlDocumented,
    switchboard(switchboardCommand, { idle }),
  ];
  if (only === null) return programs;
  const unknown = only.filter((name) => !programs.some((program) => program.name === name));
  if (unknown.length > 0) throw new Error(`--only: there is no ${unknown.join(', ')}`);
  return programs.filter(({ name }) => only.includes(name));
}

function conditions({ pairs, rounds, warmupRounds, window, rate }: Options): string {
  const signals = (pairs * rounds * SIGNALS_PER_ROUND).toLocaleString('en');
  const loop =
    rate === null
      ? `closed loop, ${window} unacknowledged signals a side`
      : `open loop, ${rate} signals/s (CPU figures are those of this load)`;
  return [
    `${pairs} pairs, ${rounds} rounds after ${warmupRounds} to warm up: ${signals} signals; ${loop}`,
    `program on core ${cores.server}, load generator on core ${cores.loadGenerator}, Postgres of Switchboard on core ${cores.database}`,
  ].join('\n');
}

function describe({ serverMicrosecondsPerSignal, databaseMicrosecondsPerSignal, p50Ms, p99Ms }: Measurement): string {
  const database = databaseMicrosecondsPerSignal === 0 ? '' : ` + ${databaseMicrosecondsPerSignal.toFixed(1)} of Postgres`;
  return `${serverMicrosecondsPerSignal.toFixed(1)} µs${database}, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`;
}

function notes(results: readonly Result[]): string {
  const common = [
    'Every signal arrived once, at the right peer, with the content it was sent with: anything else ends the bench with an error.',
    'Latency is from `send` to the frame at the other peer. In the closed loop it is mostly queueing: use --rate for what a user sees.',
  ];
  const switchboardNote =
    'Switchboard does more: it authorises each signal, deduplicates by key, and acknowledges once the signal is committed in Postgres. The others keep nothing and ask nobody; PeerJS acknowledges nothing either.';
  return [...common, ...(results.some(({ storesAndAuthorises }) => storesAndAuthorises) ? [switchboardNote] : [])].join('\n');
}
