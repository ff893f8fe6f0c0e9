import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { loadConfig } from '../../src/config.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/db/embedded-postgres.js';
import { createLogger } from '../../src/logger.js';
import { migrateStorage } from '../../src/storage.js';
import { databaseNamed, migratedDatabase, runSql } from './database.js';
import { quickEnvironment } from './environment.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the Postgres that this run has for itself; each server under test has a database of its own in it. */
    postgresUrl: string;
  }
}

let folder: string | null = null;
let postgres: EmbeddedPostgres | null = null;

// Below the servers' lock_timeout, which would end a deadlock before it is counted as one.
const settings = { fsync: 'off', max_connections: '300', deadlock_timeout: '20ms' };

/** One Postgres for the whole run, on a free port and in a folder of its own. */
export async function setup(project: TestProject): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'switchboard-test-'));
  postgres = await startEmbeddedPostgres({ dataDir: folder, settings });
  try {
    await runSql(postgres.url, `CREATE DATABASE ${migratedDatabase}`);
    const config = loadConfig({ ...quickEnvironment, DATABASE_URL: databaseNamed(migratedDatabase, postgres.url) });
    await migrateStorage(config, createLogger(config.logLevel));
  } catch (error) {
    // Nobody else ends what a setup leaves that failed.
    await teardown();
    throw error;
  }
  project.provide('postgresUrl', postgres.url);
}

/** Throws where two of the server's own statements locked each other out, in whatever test: what gives way is told as UNAVAILABLE. */
export async function teardown(): Promise<void> {
  const deadlocks = postgres === null ? 0 : await deadlocksIn(postgres);
  await postgres?.stop();
  if (folder !== null) {
    // Under root the cluster may lie elsewhere, and the folder hold a link to it.
    await rm(await realpath(join(folder, 'postgres')), { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }
  if (deadlocks > 0)
    throw new Error(`Deadlocks in the databases of this run: ${deadlocks}. test/faults/lock-order.fault.ts shows how one is caught.`);
}

async function deadlocksIn({ url }: EmbeddedPostgres): Promise<number> {
  const [counted] = await runSql<{ deadlocks: number }>(url, 'SELECT sum(deadlocks)::int AS deadlocks FROM pg_stat_database');
  return counted?.deadlocks ?? 0;
}
