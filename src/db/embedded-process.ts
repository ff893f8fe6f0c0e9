import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A text that tells this life of a pid from every other one: a pid alone is reused. Undefined where no such process
 * lives; a zombie does not live, for it holds nothing any more.
 */
export async function lifeOf(pid: number, platform = process.platform): Promise<string | undefined> {
  if (!isPid(pid)) return undefined;
  if (platform !== 'linux') {
    const [state, ...startedAt] = (await ps(pid, ['stat=', 'lstart='])).split(/\s+/);
    return !state || state.startsWith('Z') ? undefined : startedAt.join(' ');
  }
  const stat = await textOf(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the command in parentheses and may hold anything, so counting starts behind the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  // Field 22, the start in ticks since boot, is only unique together with the boot.
  return `${fields[19]}@${((await textOf('/proc/sys/kernel/random/boot_id')) ?? '').trim()}`;
}

/** Whether `pid` is the main process of a Postgres on the data directory `cluster` (an absolute path without symlinks). */
export async function isPostmasterOf(cluster: string, pid: number, platform = process.platform): Promise<boolean> {
  if (!isPid(pid)) return false;
  if (platform !== 'linux') {
    const command = await ps(pid, ['args=']);
    return basename(command.split(' ')[0] ?? '') === 'postgres' && `${command} `.includes(` -D ${cluster} `);
  }
  const args = ((await textOf(`/proc/${pid}/cmdline`)) ?? '').split('\0');
  if (basename(args[0] ?? '') !== 'postgres') return false;
  const here = await runsPostgresIn(cluster, pid);
  // In a container root may not read links of another user's process. The command line is readable to all, and ours
  // names the directory in full.
  return here ?? args[args.indexOf('-D') + 1] === cluster;
}

/** Processes of a Postgres on `cluster`, whatever their part in it. Empty where the system has no /proc to ask. */
export async function postgresProcessesOf(cluster: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).map(Number).filter(isPid);
  const mine = await Promise.all(pids.map((pid) => runsPostgresIn(cluster, pid)));
  return pids.filter((_, i) => mine[i] === true);
}

/** Undefined where it cannot be known: the process is gone, or its links are not ours to read. */
async function runsPostgresIn(cluster: string, pid: number): Promise<boolean | undefined> {
  try {
    if ((await readlink(`/proc/${pid}/cwd`)) !== cluster) return false;
    // Binaries that were replaced by an update since show as "… (deleted)".
    return basename((await readlink(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '')) === 'postgres';
  } catch {
    return undefined;
  }
}

function isPid(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 0;
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

async function ps(pid: number, columns: string[]): Promise<string> {
  const options = ['-ww', ...columns.flatMap((column) => ['-o', column]), '-p', String(pid)];
  // ps fails where there is no such process.
  return run('/bin/ps', options, { env: { LC_ALL: 'C', TZ: 'UTC' } }).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
}
