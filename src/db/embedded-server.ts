import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { spawnIds } from './embedded-account.js';
import type { Binaries } from './embedded-binaries.js';
import { explain, postgresEnvironment } from './embedded-initdb.js';
import type { Place } from './embedded-place.js';

// Between two lines: while it recovers from a crash, Postgres reports every 10 s.
const startSilenceMs = 60_000;
const fastShutdownMs = 30_000;
const immediateShutdownMs = 10_000;
const portAttempts = 5;

export interface ServerOptions {
  readonly place: Place;
  readonly binaries: Binaries;
  readonly settings: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
  /** A port of 127.0.0.1 that is free now. It may be taken a moment later: then it is asked again. */
  readonly choosePort?: () => Promise<number>;
}

export interface RunningServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts the server and resolves when it accepts connections. Rejects with its last lines; nothing runs then. */
export async function startServer({ place, binaries, settings, log, choosePort = freePort }: ServerOptions): Promise<RunningServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort();
    const child = spawn(binaries.postgres, ['-D', place.cluster, ...flags(settings, port)], {
      ...spawnIds(place.account),
      cwd: '/',
      env: postgresEnvironment,
      // A session of its own: Ctrl-C is for the server, which drains while it still has its database.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const failure = await ready(child, log);
    if (!failure) return { port, stop: keep(child, log) };
    if (attempt < portAttempts && failure.lines.some((line) => line.includes('could not bind'))) continue;
    throw new Error(explain('its start', failure.problem, failure.lines));
  }
}

function flags(settings: Readonly<Record<string, string>>, port: number): string[] {
  const all = {
    max_connections: '100',
    fsync: 'on',
    synchronous_commit: 'on',
    log_checkpoints: 'off',
    log_line_prefix: '[%p] ',
    ...settings,
    // The last are ours: who may connect, and the line on stderr that says when.
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    log_destination: 'stderr',
    logging_collector: 'off',
    lc_messages: 'C',
  };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Resolves with nothing when `child` accepts connections, else with why not, once it is gone. */
function ready(child: ChildProcess, log: (line: string) => void): Promise<{ problem: string; lines: string[] } | undefined> {
  return new Promise((resolve) => {
    const lines: string[] = [];
    let problem: string | undefined;
    const silence = setTimeout(() => {
      problem = `it said nothing for ${startSilenceMs / 1000} s and was killed`;
      child.kill('SIGKILL');
    }, startSilenceMs);

    // The lines go on to the log for as long as it lives.
    if (child.stderr) {
      createInterface({ input: child.stderr }).on('line', (line) => {
        log(line);
        silence.refresh();
        if (lines.push(line) > 20) lines.shift();
        if (line.includes('database system is ready to accept connections')) settle(undefined);
      });
    }
    const failed = (why: string) => settle({ problem: problem ?? why, lines });
    const onError = (error: Error) => failed(error.message);
    const onClose = (code: number | null, signal: string | null) => failed(`it ended with ${signal ?? `code ${code}`}`);
    child.once('error', onError).once('close', onClose);

    function settle(failure: { problem: string; lines: string[] } | undefined): void {
      clearTimeout(silence);
      child.off('error', onError).off('close', onClose);
      // A signal that cannot be sent is an event as well, and nobody's end.
      child.on('error', (error) => log(error.message));
      resolve(failure);
    }
  });
}

/** Watches over a running `child`; returns its `stop`. */
function keep(child: ChildProcess, log: (line: string) => void): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  // Where this process ends without `stop`, by an error for one, Postgres shall not be left behind.
  const onExit = () => child.kill('SIGINT');
  process.once('exit', onExit);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      process.off('exit', onExit);
      if (!stopping) log(`The embedded Postgres ended by itself with ${signal ?? `code ${code}`}.`);
      resolve();
    });
  });
  const shutDown = async () => {
    // SIGINT: fast shutdown, which ends the connections. SIGQUIT: at once, and the next start recovers.
    for (const [signal, boundMs] of [
      ['SIGINT', fastShutdownMs],
      ['SIGQUIT', immediateShutdownMs],
    ] as const) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      if (await within(gone, boundMs)) return;
    }
    throw new Error(`The embedded Postgres, process ${child.pid}, does not stop. End it with: kill -9 ${child.pid}`);
  };
  return () => (stopping ??= shutDown());
}

async function within(done: Promise<void>, boundMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, boundMs, false);
  });
  try {
    return await Promise.race([done.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || !address) throw new Error('The system gave no port of 127.0.0.1.');
  return address.port;
}
