import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { createDatabase } from './database.js';
import { quickEnvironment } from './environment.js';
import type { TestServer } from './server.js';
import { until } from './until.js';

/** The server as its users start it: a process of its own, which is known only by what it prints and answers. */
export interface ServerProcess {
  readonly url: string;
  readonly webSocketUrl: string;
  readonly databaseUrl: string;
  /** All it has printed until now, to stdout and stderr. */
  printed(): string;
  /** Asks it to stop and gives back its exit code. */
  stop(): Promise<number | null>;
  /** Ends it at once, as a power cut would (kill -9). */
  kill(): Promise<void>;
}

/** A further node on a server's database, as a process of its own; gone when the test is over. */
export async function startNodeProcess(
  { databaseUrl }: Pick<TestServer, 'databaseUrl'>,
  overrides: Record<string, string> = {},
): Promise<ServerProcess> {
  const node = await startProcess({ ...quickEnvironment, ...overrides, DATABASE_URL: databaseUrl });
  onTestFinished(() => node.kill());
  return node;
}

/** What `npm start` starts; the run of the tests has built it. */
export async function startProcess(overrides: Record<string, string> = {}): Promise<ServerProcess> {
  const databaseUrl = overrides['DATABASE_URL'] ?? (await createDatabase());
  const env = { PORT: '0', BCRYPT_COST: '4', DRAIN_SECONDS: '1', DATABASE_URL: databaseUrl, ...overrides };
  const child = spawn(process.execPath, ['dist/main.js'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  try {
    const address = await until(
      'the server to be ready',
      () => {
        if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}:\n${printed}`);
        return /http:\/\/127\.0\.0\.1:\d+\/graphql/.exec(printed)?.[0];
      },
      { withinMs: 20_000 },
    );
    return {
      url: address,
      webSocketUrl: address.replace('http:', 'ws:'),
      databaseUrl,
      printed: () => printed,
      stop: async () => {
        if (child.exitCode === null && child.signalCode === null) {
          child.kill('SIGTERM');
          await once(child, 'exit');
        }
        return child.exitCode;
      },
      kill: async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}
