import { onTestFinished } from 'vitest';
import { startApp } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import { createLogger } from '../../src/logger.js';
import { createDatabase } from './database.js';

/** A server under test, with the addresses that its clients use. */
export interface TestServer {
  readonly url: string;
  readonly webSocketUrl: string;
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

/** Rates are lifted: a test makes more calls and logins in a second than a person in an hour. */
export const environment = {
  PORT: '0',
  LOG_LEVEL: 'silent',
  BCRYPT_COST: '4',
  JWT_SECRET: 'k1:0f8c1d9ab24e67d35c90b1f2a7e48d6c',
  DRAIN_SECONDS: '1',
  LIMIT_REQUESTS_PER_MINUTE: '0',
  LIMIT_LOGINS_PER_MINUTE: '0',
  LIMIT_CALLS_PER_MINUTE: '0',
  LIMIT_CALLS_PER_PAIR_PER_MINUTE: '0',
};

/** The real server in this process, on a database of its own unless one is given. */
export async function startServer(overrides: Record<string, string> = {}): Promise<TestServer> {
  const databaseUrl = overrides['DATABASE_URL'] ?? (await createDatabase());
  const config = loadConfig({ ...environment, ...overrides, DATABASE_URL: databaseUrl });
  const app = await startApp(config, createLogger(config.logLevel));
  return {
    url: `http://127.0.0.1:${app.port}/graphql`,
    webSocketUrl: `ws://127.0.0.1:${app.port}/graphql`,
    databaseUrl,
    stop: () => app.stop(),
  };
}

/** Like `startServer`, and stopped when the test is over. */
export async function startServerForTest(overrides: Record<string, string> = {}): Promise<TestServer> {
  const server = await startServer(overrides);
  onTestFinished(() => server.stop());
  return server;
}
