import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * The program under test has a core of its own, so that its figure does not contain the caches and the waiting of the
 * load generator. Postgres has a third one where there is one, else it shares that of the load generator.
 */
export const cores = {
  server: 0,
  loadGenerator: 1,
  database: availableParallelism() > 2 ? 2 : 1,
} as const;

export function pin(pid: number, core: number): void {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)], { stdio: 'ignore' });
}

/** As an argument list: `taskset` replaces itself by the program, so the process id is the program's. */
export function pinned(core: number, command: readonly string[]): readonly [string, ...string[]] {
  return ['taskset', '--cpu-list', String(core), ...command];
}
