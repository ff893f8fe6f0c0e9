import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Linux reports the times of a process in ticks of 10 ms, whatever the kernel's own tick. */
const MICROSECONDS_PER_TICK = 10_000;

interface Times {
  readonly ownMicroseconds: number;
  readonly reapedChildrenMicroseconds: number;
}

/** User and system time of all threads of the process, ended ones included. */
export function cpuMicroseconds(pid: number): number {
  return times(pid).ownMicroseconds;
}

export function residentKib(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (!match) throw new Error(`Process ${pid} has no resident memory: it has ended.`);
  return Number(match[1]);
}

/** Every process of a Postgres whose data is below `directory`: Postgres changes into its data directory. */
export function databasePids(directory: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => comm(pid) === 'postgres' && workingDirectory(pid).startsWith(`${directory}/`));
}

/** Backends that ended meanwhile count too: the postmaster has reaped them. */
export function databaseCpuMicroseconds(directory: string): number {
  let total = 0;
  for (const pid of databasePids(directory)) {
    try {
      const { ownMicroseconds, reapedChildrenMicroseconds } = times(pid);
      total += ownMicroseconds + reapedChildrenMicroseconds;
    } catch {
      // It ended between the listing and here, and is now in the postmaster's reaped time or will be.
    }
  }
  return total;
}

function times(pid: number): Times {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program, in parentheses, may contain spaces: count from behind it.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15);
  return {
    ownMicroseconds: (user + system) * MICROSECONDS_PER_TICK,
    reapedChildrenMicroseconds: (childrenUser + childrenSystem) * MICROSECONDS_PER_TICK,
  };
}

function comm(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

function workingDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/** How many files and sockets a process may have open here: `ulimit -n`. */
export function mostOpenFiles(): number {
  const [, soft = ''] = /^Max open files +(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return soft === 'unlimited' ? Infinity : Number(soft);
}
