import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnIds } from './embedded-account.js';
import type { Binaries } from './embedded-binaries.js';
import type { Place } from './embedded-place.js';

export const superuser = 'switchboard';
export const databaseName = 'switchboard';

// Inside the data directory: the two are made, moved and deleted as one.
const passwordFile = 'switchboard-password';

/** For Postgres and its tools. Nothing of ours is handed down: PG… variables would steer it, secrets are none of its business. */
export const postgresEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Whether a complete cluster is there. It gets its name only when complete, so any is. Throws where the folder holds
 * something else, which is not ours to delete.
 */
export async function isInitialised({ cluster, entrance }: Place): Promise<boolean> {
  if (await stat(join(cluster, 'PG_VERSION')).catch(() => undefined)) return true;
  const names = await readdir(cluster).catch(() => []);
  if (names.length === 0) return false;
  throw new Error(`${entrance} is no Postgres data directory, and it is not empty. Move it away, or set another DATA_DIR.`);
}

/** Makes the cluster with its user, password and database, in a folder beside it that is renamed when all is there. */
export async function initialise(place: Place, binaries: Binaries, log: (line: string) => void): Promise<void> {
  const { cluster, account } = place;
  const draft = `${cluster}.new-${randomBytes(6).toString('hex')}`;
  const data = join(draft, 'data');
  const secret = join(draft, 'password');
  await mkdir(draft, { mode: 0o700 });
  try {
    await writeFile(secret, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flush: true });
    if (account) {
      await chown(secret, account.uid, account.gid);
      await chown(draft, account.uid, account.gid);
    }
    const initdb = spawn(
      binaries.initdb,
      [
        ['-D', data],
        [`--username=${superuser}`, `--pwfile=${secret}`, '--auth-host=scram-sha-256', '--auth-local=scram-sha-256'],
        ['--encoding=UTF8', '--locale-provider=libc', '--locale=C', '--no-instructions'],
      ].flat(),
      { ...spawnIds(account), cwd: '/', env: postgresEnvironment, detached: true },
    );
    await succeed('initdb', initdb, '', log);

    const single = spawn(binaries.postgres, ['--single', '-D', data, '-c', 'exit_on_error=on', '-c', 'log_checkpoints=off', 'postgres'], {
      ...spawnIds(account),
      cwd: '/',
      env: postgresEnvironment,
      detached: true,
    });
    await succeed('making the database', single, `CREATE DATABASE ${databaseName}\n`, log);

    await rename(secret, join(data, passwordFile));
    await rename(data, cluster);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** The password of the cluster's superuser. */
export async function readPassword({ cluster, entrance }: Place): Promise<string> {
  const path = join(cluster, passwordFile);
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new Error(
      `The password of the database at ${entrance} cannot be read from ${path}. Bring that file back, or delete ${entrance} if the data may go.`,
      { cause },
    );
  }
}

/** Resolves when `child` ends with 0. Rejects with its last lines and what to do. */
async function succeed(what: string, child: ChildProcess, input: string, log: (line: string) => void): Promise<void> {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      log(line);
    });
  }
  // A child that ended early breaks the pipe; how it ended says more.
  child.stdin?.on('error', () => undefined).end(input);
  const problem = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : `it ended with ${signal ?? `code ${code}`}`));
  });
  if (problem !== undefined) throw new Error(explain(what, problem, lines));
}

/** What every failure of Postgres says: its own last words, and the ways out. */
export function explain(what: string, problem: string, lines: readonly string[]): string {
  return [
    `The embedded Postgres failed at ${what}: ${problem}.`,
    ...lines.slice(-12).map((line) => `  ${line}`),
    'Mend what it names and start again, set another DATA_DIR, or set DATABASE_URL to a Postgres of your own.',
  ].join('\n');
}
