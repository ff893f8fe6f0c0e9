import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvFile } from 'node:process';
import { startApp } from './app.js';
import { ConfigError, loadConfig, type Config } from './config.js';
import { DataDirTakenError } from './db/data-dir.js';
import { createLogger } from './logger.js';
import { migrateStorage } from './storage.js';

const usage = `Switchboard, a GraphQL API for WebRTC calls.

  npm start                  starts the server: embedded Postgres, http://127.0.0.1:4000/graphql
  npm start -- --help        this text
  npm run migrate            applies migrations to DATABASE_URL and ends

It is configured by the environment, or by a file .env in this folder; .env.example names every variable.
Exit codes: 0 after a drain, 1 for an unexpected end, 78 for a configuration that cannot be used.
`;

/** Below it the process would end at a word that its Node does not know. npm's scripts here bring a Node of their own. */
const oldestNode = 24;

/** npm passes on a signal that the terminal has sent to both: two within this time are one. */
const sameSignalMs = 500;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) return say(usage);
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    process.stderr.write(`Switchboard needs Node ${oldestNode} or later, and this is ${process.versions.node}.\n`);
    return 78;
  }
  if (existsSync('.env')) loadEnvFile('.env');
  try {
    const config = loadConfig(process.env);
    if (args[0] === 'migrate') return await migrateOnly(config);
    if (args.length > 0) throw new ConfigError([`${args[0]} is no command; try --help.`]);
    return await serve(config);
  } catch (error) {
    const code = error instanceof ConfigError || error instanceof DataDirTakenError ? 78 : 1;
    process.stderr.write(`${error instanceof Error ? error.message : 'The server ended unexpectedly.'}\n`);
    return code;
  }
}

async function serve(config: Config): Promise<number> {
  const logger = createLogger(config.logLevel);
  process.on('unhandledRejection', (error) => logger.error({ err: error }, 'a promise was rejected and nobody listened'));
  // Listened for from the beginning: a process that a signal ends while it starts would leave its Postgres behind.
  const told = firstSignal();
  const startedAt = performance.now();
  const app = await startApp(config, logger, {
    console: join(import.meta.dirname, 'web'),
    examples: join(import.meta.dirname, '../examples'),
  });
  say(readyBlock(config, app.port, performance.now() - startedAt));

  const reason = await told;
  logger.info({ signal: reason, drainSeconds: config.drainSeconds }, 'stopping');
  await app.stop();
  return 0;
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstAt: number | null = null;
    const heard = (signal: NodeJS.Signals): void => {
      if (firstAt === null) {
        firstAt = performance.now();
        resolve(signal);
      } else if (performance.now() - firstAt > sameSignalMs) {
        process.exit(1);
      }
    };
    process.on('SIGTERM', heard);
    process.on('SIGINT', heard);
  });
}

async function migrateOnly(config: Config): Promise<number> {
  await migrateStorage(config, createLogger(config.logLevel));
  return say('The database is up to date.\n');
}

function readyBlock(config: Config, port: number, startMs: number): string {
  const host = ['0.0.0.0', '::'].includes(config.host) ? 'localhost' : config.host;
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const moved = port !== config.port && config.port !== 0 ? ` (${config.port} is taken)` : '';
  const embedded = config.databaseUrl === 'embedded';
  return `
  Switchboard is ready, after ${(startMs / 1_000).toFixed(1)} s${moved}

${
  config.production
    ? ''
    : `    Console      http://${address}/
`
}    GraphQL      http://${address}/graphql
    WebSocket    ws://${address}/graphql  (graphql-transport-ws)
    Health       http://${address}/readyz
    Database     ${embedded ? `embedded Postgres, kept in ${config.dataDir}` : describeUrl(config.databaseUrl)}
${
  config.production
    ? ''
    : `
    Try first    open http://${address}/examples/two-tabs/ for a video call of ten lines,
                 or the console in two tabs, and let one call the other
`
}
`;
}

/** Without the password. */
function describeUrl(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}${port === '' ? '' : `:${port}`}${pathname}`;
}

function say(text: string): 0 {
  process.stdout.write(text);
  return 0;
}
