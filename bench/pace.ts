import { setTimeout as delay } from 'node:timers/promises';

import type { Pair } from './pair.ts';
import { SIGNALS_PER_ROUND } from './script.ts';

const TICK_MS = 1;

/**
 * Open loop: signals leave by the clock, spread over the pairs, whether or not earlier ones have arrived. A program that
 * stalls is not spared the load of the meantime. After the tick is late, what is due leaves at once.
 */
export async function driveAtRate(pairs: readonly Pair[], rounds: number, signalsPerSecond: number): Promise<void> {
  const arrived = Promise.all(pairs.map((pair) => pair.listen(rounds)));
  const total = pairs.length * rounds * SIGNALS_PER_ROUND;
  const startedAtMs = performance.now();
  const drive = async (): Promise<void> => {
    for (let sent = 0; sent < total; await delay(TICK_MS)) {
      const due = Math.min(total, Math.floor(((performance.now() - startedAtMs) / 1_000) * signalsPerSecond));
      for (; sent < due; sent += 1) sendNext(pairs[sent % pairs.length]!, Math.floor(sent / pairs.length) % SIGNALS_PER_ROUND);
    }
  };
  await Promise.all([arrived, drive()]);
}

/** Caller and callee in turn, so that each round has both descriptions first and then the candidates. */
function sendNext({ caller, callee }: Pair, step: number): void {
  const side = step % 2 === 0 ? caller : callee;
  side.allow(1);
}
