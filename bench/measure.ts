import { setTimeout as delay } from 'node:timers/promises';

import type { WebSocket } from 'ws';

import type { Options } from './options.ts';
import { driveAtRate } from './pace.ts';
import { Pair } from './pair.ts';
import type { Program } from './program.ts';
import { SIGNALS_PER_ROUND } from './script.ts';
import { ServerProcess, type Usage } from './server-process.ts';
import { percentile } from './statistics.ts';

export interface Measurement {
  readonly serverMicrosecondsPerSignal: number;
  readonly databaseMicrosecondsPerSignal: number;
  readonly signalsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly outOfOrder: number;
  /** When it was measured, by the machine's monotonic clock. */
  readonly fromUs: number;
  readonly toUs: number;
}

const CONNECT_AT_ONCE = 10;
/** Long enough for a second copy of a signal to show itself. */
const DUPLICATE_GRACE_MS = 300;
/** Beyond what the pace itself takes. */
const PHASE_TIMEOUT_MS = 180_000;

/** One run of one program, in a process of its own: warm up, measure, and every signal accounted for. */
export async function measure(program: Program, options: Options): Promise<Measurement> {
  const server = await ServerProcess.start((place) => program.launch(place));
  const latenciesMs: number[] = [];
  const pairs: Pair[] = [];
  let idle: readonly WebSocket[] = [];
  let others: readonly ServerProcess[] = [];
  try {
    others = (await program.prepare?.(server)) ?? [];
    if (options.idle > 0) idle = (await program.connectIdle?.(server, options.idle)) ?? [];
    await connect(program, server, options, pairs, (latencyMs) => latenciesMs.push(latencyMs));
    await withinTimeout(pairs, Promise.all(pairs.map((pair) => pair.play(options.warmupRounds))));
    latenciesMs.length = 0;

    const before = usageOf([server, ...others]);
    if (options.rate === null) await withinTimeout(pairs, Promise.all(pairs.map((pair) => pair.play(options.rounds))));
    else await withinTimeout(pairs, driveAtRate(pairs, options.rounds, options.rate), (1_000 * signalsOf(options)) / options.rate);
    const after = usageOf([server, ...others]);

    await delay(DUPLICATE_GRACE_MS);
    for (const { failure } of pairs) if (failure) throw failure;
    if (idle.some((socket) => socket.readyState !== socket.OPEN)) throw new Error('Not all idle sockets stayed open.');
    return summarise(before, after, latenciesMs, pairs, options);
  } finally {
    for (const pair of pairs) pair.stop();
    for (const socket of idle) socket.terminate();
    for (const other of others) await other.stop();
    await server.stop();
  }
}

function usageOf(servers: readonly ServerProcess[]): Usage {
  const all = servers.map((server) => server.usage());
  const sum = (figure: (usage: Usage) => number): number => all.reduce((total, usage) => total + figure(usage), 0);
  return {
    serverMicroseconds: sum(({ serverMicroseconds }) => serverMicroseconds),
    databaseMicroseconds: sum(({ databaseMicroseconds }) => databaseMicroseconds),
    atUs: all[0]!.atUs,
  };
}

async function connect(
  program: Program,
  server: ServerProcess,
  { pairs: count, window, rounds, warmupRounds }: Options,
  pairs: Pair[],
  onLatency: (latencyMs: number) => void,
): Promise<void> {
  for (let first = 0; first < count; first += CONNECT_AT_ONCE) {
    const numbers = Array.from({ length: Math.min(CONNECT_AT_ONCE, count - first) }, (_, index) => first + index);
    const links = await Promise.all(numbers.map((number) => program.connect(server, number)));
    for (const link of links) pairs.push(new Pair(link, window, warmupRounds + rounds, onLatency));
  }
}

function summarise(before: Usage, after: Usage, latenciesMs: readonly number[], pairs: readonly Pair[], options: Options): Measurement {
  const signals = signalsOf(options);
  if (latenciesMs.length !== signals) throw new Error(`${latenciesMs.length} of ${signals} signals arrived.`);
  const sorted = Float64Array.from(latenciesMs);
  return {
    serverMicrosecondsPerSignal: (after.serverMicroseconds - before.serverMicroseconds) / signals,
    databaseMicrosecondsPerSignal: (after.databaseMicroseconds - before.databaseMicroseconds) / signals,
    signalsPerSecond: signals / ((after.atUs - before.atUs) / 1_000_000),
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    outOfOrder: pairs.reduce((sum, { caller, callee }) => sum + caller.outOfOrder + callee.outOfOrder, 0),
    fromUs: before.atUs,
    toUs: after.atUs,
  };
}

function signalsOf({ pairs, rounds }: Options): number {
  return pairs * rounds * SIGNALS_PER_ROUND;
}

async function withinTimeout(pairs: readonly Pair[], phase: Promise<unknown>, paceMs = 0): Promise<void> {
  const timeoutMs = paceMs + PHASE_TIMEOUT_MS;
  const timeout = new AbortController();
  const expired = delay(timeoutMs, undefined, { signal: timeout.signal }).then(() => {
    const outstanding = pairs.reduce((sum, pair) => sum + pair.outstanding, 0);
    throw new Error(`After ${Math.round(timeoutMs / 1_000)} s ${outstanding} arrivals and receipts of the pairs' rounds were missing.`);
  });
  expired.catch(() => {});
  try {
    await Promise.race([phase, expired]);
  } finally {
    timeout.abort();
  }
}
