import { onTestFinished } from 'vitest';
import { startApp } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import { createLogger } from '../../src/logger.js';
import type { Pages } from '../../src/server/pages.js';
import { createDatabase } from './database.js';
import { quickEnvironment } from './environment.js';

/** A server under test, with the addresses that its clients use. */
export interface TestServer {
  readonly url: string;
  readonly webSocketUrl: string;
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

/** The real server in this process, on a database of its own unless one is given. */
export async function startServer(overrides: Record<string, string> = {}, pages: Pages | null = null): Promise<TestServer> {
  const databaseUrl = overrides['DATABASE_URL'] ?? (await createDatabase());
  const config = loadConfig({ ...quickEnvironment, ...overrides, DATABASE_URL: databaseUrl });
  const app = await startApp(config, createLogger(config.logLevel), pages);
  return {
    url: `http://127.0.0.1:${app.port}/graphql`,
    webSocketUrl: `ws://127.0.0.1:${app.port}/graphql`,
    databaseUrl,
    stop: () => app.stop(),
  };
}

/** Like `startServer`, and stopped when the test is over. */
export async function startServerForTest(overrides: Record<string, string> = {}, pages: Pages | null = null): Promise<TestServer> {
  const server = await startServer(overrides, pages);
  onTestFinished(() => server.stop());
  return server;
}
