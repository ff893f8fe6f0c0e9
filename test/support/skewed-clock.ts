import { existsSync } from 'node:fs';

const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

/** The environment of a process whose wall clock is that far ahead, or behind; what it measures lengths of time with is right. */
export function skewedClock(minutes: number): Readonly<Record<string, string>> {
  if (!existsSync(library)) throw new Error('A clock is set wrong by libfaketime: apt-get install faketime');
  return {
    LD_PRELOAD: library,
    FAKETIME: `${minutes < 0 ? '' : '+'}${minutes}m`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    // Memory between processes, which only a clock that stops and starts would need.
    FAKETIME_DISABLE_SHM: '1',
  };
}
