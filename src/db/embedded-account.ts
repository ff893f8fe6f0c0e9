import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

/** Whom to run a process as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account that Postgres, which refuses root, runs as when we are root: the first of `names` that this system knows.
 * None is ever created. Throws where there is none.
 */
export async function findAccount(names: readonly string[] = ['postgres', 'nobody']): Promise<Account> {
  for (const name of names) {
    const [uid, gid] = await Promise.all([idOf('-u', name), idOf('-g', name)]);
    if (uid !== undefined && gid !== undefined && uid !== 0) return { uid, gid };
  }
  throw new Error(
    `Postgres does not run as root, and this system has no user ${names.join(' or ')} to run it as. ` +
      'Start as an ordinary user, or set DATABASE_URL to a Postgres of your own.',
  );
}

/** For `spawn`, which takes 32 bits with a sign where the system (macOS's `nobody`) has none. */
export function spawnIds(account: Account | undefined): { uid?: number; gid?: number } {
  return account ? { uid: account.uid | 0, gid: account.gid | 0 } : {};
}

/** Whether `account` passes the test of each path: `-x` to run it or to go through it, `-r` to read it. Asked as that account, not computed from modes. */
export async function canReach(account: Account, wanted: ReadonlyArray<readonly ['-x' | '-r', string]>): Promise<boolean> {
  const script = 'while [ $# -gt 0 ]; do test "$1" "$2" || exit 1; shift 2; done';
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...wanted.flat()], { ...spawnIds(account), cwd: '/', stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  return code === 0;
}

async function idOf(option: '-u' | '-g', name: string): Promise<number | undefined> {
  // `id` asks all sources of accounts, not /etc/passwd alone.
  const id = await promisify(execFile)('id', [option, name]).then(
    ({ stdout }) => Number(stdout.trim()),
    () => NaN,
  );
  return Number.isInteger(id) ? id : undefined;
}
