import { mkdir } from 'node:fs/promises';
import { lockPath } from './data-dir.js';
import { findBinaries, reachableBinaries, repairPackage } from './embedded-binaries.js';
import { databaseName, initialise, isInitialised, readPassword, superuser } from './embedded-initdb.js';
import { stopOrphan } from './embedded-orphan.js';
import { findPlace, openEntrance, type Staging, tidyPlace } from './embedded-place.js';
import { startServer } from './embedded-server.js';

/** A Postgres of our own, running. */
export interface EmbeddedPostgres {
  /** Of the database `switchboard`, with the password in it: not for a log. */
  readonly url: string;
  /** Ends it by a fast shutdown, and resolves when its process is gone. Idempotent. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Made where it is absent. The database is found at `<dataDir>/postgres`. */
  readonly dataDir: string;
  /** Settings of postgresql.conf. Address, port, sockets and the target of the log stay ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Takes what Postgres says, a line at a time. */
  readonly log?: (line: string) => void;
  /** A port that it has at every start, for whoever cannot be told another address; any free one unless it is given. */
  readonly port?: number;
}

const systemStaging: Staging = { cacheDir: '/var/cache/switchboard', dataDir: '/var/lib/switchboard' };

/**
 * Starts a Postgres for development on 127.0.0.1, at a free port that differs from start to start unless one is given; the
 * first start makes the database. Heals what a crash left: an orphaned Postgres, a stale pid file, half an initdb. Under root it
 * runs as user `postgres` or `nobody`, from `staging` where that user cannot reach the project.
 *
 * Throws `DataDirTakenError` while another start has this database, and an Error with Postgres's last lines where it
 * does not start; nothing runs then.
 */
export async function startEmbeddedPostgres(
  { dataDir, settings = {}, log = () => undefined, port }: EmbeddedPostgresOptions,
  staging: Staging = systemStaging,
): Promise<EmbeddedPostgres> {
  await mkdir(dataDir, { recursive: true });
  const place = await findPlace(dataDir, staging);
  // Beside the cluster, and besides the lock of the data directory: a copied DATA_DIR has the symlink too, and what
  // is stopped as an orphan below must not be the Postgres of someone alive.
  const lock = await lockPath(`${place.cluster}.lock`, dataDir);
  try {
    const found = await findBinaries();
    const binaries = place.account ? await reachableBinaries(found, place.account, staging.cacheDir) : found;
    await repairPackage(binaries);

    await stopOrphan(place.cluster, log);
    await tidyPlace(place);
    if (!(await isInitialised(place))) await initialise(place, binaries, log);
    await openEntrance(place);
    const password = await readPassword(place);
    const server = await startServer({
      place,
      binaries,
      settings,
      log,
      ...(port === undefined ? {} : { choosePort: () => Promise.resolve(port) }),
    });

    let stopping: Promise<void> | undefined;
    return {
      url: `postgres://${superuser}:${password}@127.0.0.1:${server.port}/${databaseName}`,
      stop: () => (stopping ??= stopAndRelease(server, lock)),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function stopAndRelease(server: { stop(): Promise<void> }, lock: { release(): Promise<void> }): Promise<void> {
  try {
    await server.stop();
  } finally {
    await lock.release();
  }
}
