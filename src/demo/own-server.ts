import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../app.js';
import { loadConfig } from '../config.js';
import { createLogger } from '../logger.js';

export interface OwnServer {
  readonly url: string;
  /** Stops it and removes its database. */
  stop(): Promise<void>;
}

/** A server in this process, on a free port, with a database that is made for it. */
export async function startOwnServer(): Promise<OwnServer> {
  await using started = new AsyncDisposableStack();
  const dataDir = started.adopt(await mkdtemp(join(tmpdir(), 'switchboard-demo-')), removeDataDir);
  const config = loadConfig({ PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'error', DRAIN_SECONDS: '1' });
  const app = started.adopt(await startApp(config, createLogger(config.logLevel)), (it) => it.stop());
  const running = started.move();
  return { url: `http://127.0.0.1:${app.port}/graphql`, stop: () => running.disposeAsync() };
}

/** Under root the database may lie elsewhere, behind a link: see db/embedded-place.ts. */
async function removeDataDir(dataDir: string): Promise<void> {
  const database = await realpath(join(dataDir, 'postgres')).catch(() => null);
  for (const folder of [database, dataDir]) if (folder !== null) await rm(folder, { recursive: true, force: true });
}
