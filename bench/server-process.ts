import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { cores, pin, pinned } from './cores.ts';
import { cpuMicroseconds, databaseCpuMicroseconds, databasePids } from './process-usage.ts';

export interface Place {
  readonly port: number;
  /** The program's own, gone when it is stopped. */
  readonly dataDirectory: string;
}

export interface Launch {
  readonly command: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** CPU time that it has used, and that of its Postgres, by then. */
export interface Usage {
  readonly serverMicroseconds: number;
  readonly databaseMicroseconds: number;
  /** By the clock of the machine that only goes forward, as V8 reads it for profiles. */
  readonly atUs: number;
}

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

const running = new Set<ServerProcess>();

/** For an interrupt: whatever runs is ended, and its data removed. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((server) => server.stop()));
}

/** A program under test on the core for it. Ready when `/readyz` answers 200. */
export class ServerProcess {
  readonly place: Place;
  readonly environment: Launch['environment'];
  readonly #child: ChildProcess;
  readonly #logFile: string;

  static async start(launch: (place: Place) => Launch): Promise<ServerProcess> {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'switchboard-bench-'));
    // A Postgres that was started by root runs as somebody else, who has to reach its data below.
    chmodSync(dataDirectory, 0o755);
    const place = { port: await freePort(), dataDirectory };
    const server = new ServerProcess(place, launch(place));
    running.add(server);
    try {
      await server.#ready();
      for (const pid of databasePids(dataDirectory)) pinIfAlive(pid, cores.database);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  private constructor(place: Place, { command, workingDirectory, environment }: Launch) {
    this.place = place;
    this.environment = environment;
    this.#logFile = join(place.dataDirectory, 'output.log');
    const [program, ...argumentList] = pinned(cores.server, command);
    const log = openSync(this.#logFile, 'w');
    this.#child = spawn(program, argumentList, {
      cwd: workingDirectory,
      env: { ...process.env, NODE_ENV: 'production', ...environment, HOST: '127.0.0.1', PORT: String(place.port) },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.place.port}`;
  }

  get socketUrl(): string {
    return `ws://127.0.0.1:${this.place.port}`;
  }

  usage(): Usage {
    return {
      serverMicroseconds: cpuMicroseconds(this.pid),
      databaseMicroseconds: databaseCpuMicroseconds(this.place.dataDirectory),
      atUs: Number(process.hrtime.bigint() / 1_000n),
    };
  }

  output(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  async stop(): Promise<void> {
    if (!running.delete(this)) return;
    if (this.#isAlive()) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await Promise.race([exited, delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
      if (this.#isAlive()) {
        this.#child.kill('SIGKILL');
        await exited;
      }
    }
    // A program that was killed leaves its Postgres behind. SIGQUIT ends that without a checkpoint.
    for (const pid of databasePids(this.place.dataDirectory)) endProcess(pid);
    rmSync(this.place.dataDirectory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  async #ready(): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (performance.now() < deadline) {
      if (!this.#isAlive()) throw new Error(`The program ended before it was ready:\n${this.#lastOutput()}`);
      try {
        const { status } = await fetch(`${this.httpUrl}/readyz`);
        if (status === 200) return;
      } catch {
        // Not listening yet: that is what this loop waits for.
      }
      await delay(50);
    }
    throw new Error(`The program was not ready after ${READY_TIMEOUT_MS / 1_000} s:\n${this.#lastOutput()}`);
  }

  #isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #lastOutput(): string {
    return this.output().split('\n').slice(-20).join('\n');
  }
}

/** A backend may end between the listing and here. */
function pinIfAlive(pid: number, core: number): void {
  try {
    pin(pid, core);
  } catch (error) {
    if (existsSync(`/proc/${pid}`)) throw error;
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT');
  } catch {
    // It ended by itself, as it should.
  }
}

/** Below those that the system gives to clients, of which there may be tens of thousands: one of them may take the port meanwhile. */
export async function freePort(): Promise<number> {
  for (let triesLeft = 100; triesLeft > 0; triesLeft -= 1) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Error('No free port on 127.0.0.1.');
}
