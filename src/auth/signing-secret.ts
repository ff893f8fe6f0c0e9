import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, type SigningKey } from '../config.js';

const form = /^[0-9a-f]{64}$/;

/**
 * The key of a server that was given none: made at the first start, kept under `dataDir` for the next ones, so that a
 * restart signs nobody out. Two servers that start at once end up with the same key.
 */
export async function loadOrCreateDevelopmentKeys(dataDir: string): Promise<readonly SigningKey[]> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, 'jwt-secret');
  if ((await readIfThere(path)) === null) await createExclusively(path);
  const secret = (await readFile(path, 'utf8')).trim();
  if (!form.test(secret))
    throw new ConfigError([`${path} holds no key of this server. Delete it to have a new one made; everybody has to log in again then.`]);
  // A copied or restored folder may have lost the mode.
  await chmod(path, 0o600);
  return [{ kid: 'development', secret }];
}

/** Written beside it and then linked: whoever finds the file finds it whole, also after a crash between the two. */
async function createExclusively(path: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
    await link(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
