import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
}

/** What `npm start` starts; the run of the tests has built it. */
export async function startProcess(environment: Record<string, string> = {}): Promise<ServerProcess> {
  const databaseUrl = await createDatabase();
  const env = { PORT: '0', BCRYPT_COST: '4', DRAIN_SECONDS: '1', DATABASE_URL: databaseUrl, ...environment };
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
        if (child.exitCode === null) {
          child.kill('SIGTERM');
          await once(child, 'exit');
        }
        return child.exitCode;
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}
