import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lifeOf } from './embedded-process.js';

/** Another living process holds the data directory. The process that gets it should end with exit code 78. */
export class DataDirTakenError extends Error {
  override readonly name = 'DataDirTakenError';
  /** The process that holds it. */
  readonly pid: number;

  constructor(dataDir: string, pid: number) {
    super(
      `The data directory ${dataDir} is in use by process ${pid}. ` +
        'Stop that process, or give this one another DATA_DIR or a DATABASE_URL of its own.',
    );
    this.pid = pid;
  }
}

export interface Lock {
  /** Idempotent. Leaves alone what is no longer ours, such as the lock of a directory that was deleted and made anew. */
  release(): Promise<void>;
}

/**
 * Holds `dataDir` for this process, and makes it where it is absent. Of those who ask while nobody holds it one wins,
 * and every other is told at once with `DataDirTakenError`, also within one process. A process that was killed holds
 * nothing. It sees the processes of one machine (one pid namespace), so it is no lock for a network drive.
 */
export async function lockDataDir(dataDir: string): Promise<Lock> {
  try {
    await mkdir(dataDir, { recursive: true });
    return await lockPath(join(await realpath(dataDir), 'server.lock'), dataDir);
  } catch (error) {
    if (!isCode(error, 'EACCES', 'EROFS', 'EPERM')) throw error;
    throw new Error(`The data directory ${dataDir} cannot be written to by this user. Set DATA_DIR to one that can.`, { cause: error });
  }
}

/** The same for a lock file at `path`, whose folder exists; `dataDir` is what the error names. */
export async function lockPath(path: string, dataDir: string): Promise<Lock> {
  const life = await lifeOf(process.pid);
  if (life === undefined)
    throw new Error('This system does not tell when a process started (is /proc mounted?), so no data directory can be locked.');
  const mine = JSON.stringify({ pid: process.pid, life, token: randomUUID() });
  // The file is complete before it gets the name, so nobody reads half of it.
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, mine, { flag: 'wx' });
  try {
    await take(path, draft, dataDir);
  } finally {
    await rm(draft, { force: true });
  }
  return {
    async release() {
      if ((await textOf(path)) === mine) await rm(path, { force: true });
    },
  };
}

async function take(path: string, draft: string, dataDir: string): Promise<void> {
  // Each further round answers a change made by another process in between: it is no waiting.
  while (!(await linked(draft, path))) {
    const found = await textOf(path);
    if (found === undefined) continue;
    const holder = parseRecord(found);
    if (holder && (await lifeOf(holder.pid)) === holder.life) throw new DataDirTakenError(dataDir, holder.pid);

    // Two who both see a dead holder must not both replace it: the later one would throw out the earlier one's lock.
    const turn = await lockPath(`${path}.takeover`, dataDir);
    try {
      if ((await textOf(path)) === found) return await rename(draft, path);
    } finally {
      await turn.release();
    }
  }
}

/** A hard link is the one exclusive creation that arrives with its content. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Undefined for what a full disk or a strange hand left there: it names no holder, so nobody holds it. */
function parseRecord(text: string): { pid: number; life: string } | undefined {
  try {
    const record: unknown = JSON.parse(text);
    if (typeof record !== 'object' || record === null || !('pid' in record) || !('life' in record)) return undefined;
    const { pid, life } = record;
    return typeof pid === 'number' && typeof life === 'string' ? { pid, life } : undefined;
  } catch {
    return undefined;
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
