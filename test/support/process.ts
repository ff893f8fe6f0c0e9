import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { createDatabase } from './database.js';
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
  /** As a crash: nothing is said, nothing is tidied. */
  kill(): Promise<void>;
}

/** Compiles the server into a folder of its own: the one of `npm start` may be in use. */
export async function buildServer(): Promise<{ main: string; remove: () => Promise<void> }> {
  const folder = resolve('test-results', `server-${process.pid}`);
  const compiler = join('node_modules', '.bin', 'tsc');
  const places = ['--outDir', folder, '--tsBuildInfoFile', join(folder, '.tsbuildinfo')];
  await promisify(execFile)(compiler, ['-p', 'tsconfig.build.json', ...places]);
  return { main: join(folder, 'main.js'), remove: () => rm(folder, { recursive: true, force: true }) };
}

/** On a database of its own unless the environment names one. */
export async function startProcess(main: string, environment: Record<string, string> = {}): Promise<ServerProcess> {
  const databaseUrl = environment['DATABASE_URL'] ?? (await createDatabase());
  const env = { PORT: '0', BCRYPT_COST: '4', DRAIN_SECONDS: '1', DATABASE_URL: databaseUrl, ...environment };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
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
