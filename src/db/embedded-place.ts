import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, realpath, rm, rmdir, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Account, canReach, findAccount } from './embedded-account.js';

// In a staged cluster: the entrance it was last started from.
const ownerFile = 'switchboard-entrance';

/** Folders of root's, open to all, for what the account that runs Postgres cannot reach in the project. */
export interface Staging {
  /** Copies of the binaries, one a version. */
  readonly cacheDir: string;
  /** Data directories, one a DATA_DIR. */
  readonly dataDir: string;
}

/** Where a cluster lives and whose it is. */
export interface Place {
  /** Postgres's data directory: absolute, free of symlinks. It need not exist yet. */
  readonly cluster: string;
  /** Where the user finds it, `<dataDir>/postgres`: the cluster itself or a symlink to it. */
  readonly entrance: string;
  /** Undefined: ourselves, who are not root. */
  readonly account: Account | undefined;
}

/** Finds the cluster of `dataDir` (which exists), or the place for a new one. Changes nothing but the staging folder. */
export async function findPlace(dataDir: string, staging: Staging): Promise<Place> {
  const home = await realpath(dataDir);
  const entrance = join(home, 'postgres');
  const asRoot = process.getuid?.() === 0;

  // A cluster that is there stays where it is and whose it is, wherever a symlink leads and whatever accounts came since.
  const cluster = await leadsTo(entrance);
  if (cluster !== undefined) {
    const { uid, gid } = await stat(cluster);
    if (!asRoot && uid !== process.getuid?.()) {
      throw new Error(unreachable(entrance, `belongs to user ${uid}, and this is user ${process.getuid?.()}`));
    }
    if ((await readdir(cluster)).length > 0) {
      if (!asRoot) return { cluster, entrance, account: undefined };
      const account = uid === 0 ? await findAccount() : { uid, gid };
      if (await canReach(account, [['-x', dirname(cluster)]])) return { cluster, entrance, account };
      throw new Error(unreachable(entrance, `belongs to user ${uid}, who cannot go through the folders above it`));
    }
  }

  if (!asRoot) return { cluster: entrance, entrance, account: undefined };
  const account = await findAccount();
  if (await canReach(account, [['-x', home]])) return { cluster: entrance, entrance, account };
  await makeOpenFolder(staging.dataDir);
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16);
  return { cluster: join(await realpath(staging.dataDir), name), entrance, account };
}

/**
 * Removes what is stale at a place: an entrance that leads nowhere, the remains of an initdb that was cut, and a staged
 * cluster whose entrance the user deleted. To be called by who holds the place's lock, with no Postgres on it. Throws
 * where the staged cluster is another project's, of which this one is a copy or on whose former path it stands.
 */
export async function tidyPlace(place: Place): Promise<void> {
  const { cluster, entrance } = place;
  if (cluster !== entrance) {
    const owner = await readFile(join(cluster, ownerFile), 'utf8').catch(() => undefined);
    if (owner !== undefined && owner !== entrance && (await leadsTo(owner)) === cluster) {
      throw new Error(
        `The database at ${cluster} is that of ${owner}. Set another DATA_DIR, or delete ${entrance}, where there is one, to begin anew.`,
      );
    }
    // An empty folder of the user's is as good as none.
    if ((await leadsTo(entrance)) === entrance) await rmdir(entrance);
  }
  if ((await leadsTo(entrance)) === undefined) {
    await rm(entrance, { force: true });
    await rm(cluster, { recursive: true, force: true });
  }

  const parent = dirname(cluster);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${basename(cluster)}.new-`)) continue;
    // An initdb whose parent was killed may still write there for a moment. Its name is never used again, so what
    // cannot be removed now can be later.
    await rm(join(parent, name), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }).catch(() => undefined);
  }
}

/** Shows a staged cluster at its entrance, and notes in it whose it is now: DATA_DIR may have been moved. */
export async function openEntrance({ cluster, entrance }: Place): Promise<void> {
  if (cluster === entrance) return;
  await writeFile(join(cluster, ownerFile), entrance);
  if ((await leadsTo(entrance)) !== cluster) await symlink(cluster, entrance);
}

/** A folder that every account can go through, whatever our umask. One that is there stays as it is. */
export async function makeOpenFolder(path: string): Promise<void> {
  if ((await mkdir(path, { recursive: true })) !== undefined) await chmod(path, 0o755);
}

function leadsTo(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined);
}

function unreachable(entrance: string, why: string): string {
  return `The database at ${entrance} ${why}. Start as the user it belongs to, set another DATA_DIR or a DATABASE_URL, or delete it if it may go.`;
}
