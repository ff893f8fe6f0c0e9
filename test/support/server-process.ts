import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { root } from './build.js';
import { createDatabase } from './database.js';
import { relaxedEnvironment } from './environment.js';

export interface Launch {
  readonly environment?: Readonly<Record<string, string>>;
  /** A process group of its own, as a terminal gives one to what is typed. */
  readonly ownGroup?: boolean;
  readonly cwd?: string;
  readonly command?: readonly [string, ...string[]];
  readonly uid?: number;
  readonly gid?: number;
  /** All that it prints is kept, for a test that searches it; else the end of it. */
  readonly keepsAll?: boolean;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const builtServer = [process.execPath, join(root, 'dist/main.js')] as const;
const readyWithinMs = 60_000;
const stopWithinMs = 15_000;
const keptCharacters = 20_000;
const clockTicksPerSecond = 100;

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** The built server as a process of its own, that can be killed, ended and started again where it was. */
export class ServerProcess {
  readonly #launch: Launch;
  readonly databaseUrl: string;
  #child: ChildProcess;
  #output = '';
  #port = 0;

  /** Resolves when it has said that it is ready; rejects with what it said where it ended before. */
  static async start(launch: Launch = {}): Promise<ServerProcess> {
    const server = await ServerProcess.launch(launch);
    await server.ready();
    return server;
  }

  /** Without waiting: for a start that is to fail, or two at once. */
  static async launch(launch: Launch = {}): Promise<ServerProcess> {
    return new ServerProcess(launch, launch.environment?.['DATABASE_URL'] ?? (await createDatabase()));
  }

  private constructor(launch: Launch, databaseUrl: string) {
    this.#launch = launch;
    this.databaseUrl = databaseUrl;
    this.#child = this.#spawn();
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/graphql`;
  }

  get webSocketUrl(): string {
    return `ws://127.0.0.1:${this.#port}/graphql`;
  }

  /** What it has said so far, both streams. */
  get output(): string {
    return this.#output;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Memory that it holds, in KiB. */
  get residentKib(): number {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1]);
  }

  /** Of all its threads since it was started, in user and system mode. */
  get cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond;
  }

  /** Resolves at the block that it prints when it serves. */
  async ready(): Promise<void> {
    const deadline = AbortSignal.timeout(readyWithinMs);
    const ended = new AbortController();
    this.#child.once('close', () => ended.abort());
    const over = AbortSignal.any([deadline, ended.signal]);
    while (!/GraphQL +http:\S+:(\d+)\/graphql[\s\S]*Database/.test(this.#output)) {
      if (over.aborted) throw new Error(`The server was not ready:\n${this.#output}`);
      await once(this.#child.stdout!, 'data', { signal: over }).catch(() => undefined);
    }
    this.#port = Number(/GraphQL +http:\S+:(\d+)\/graphql/.exec(this.#output)?.[1]);
  }

  /** As a crash: nothing is said, nothing is tidied. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** It stands still until `thaw`, with all that it holds. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  /** As an operator; rejects where it takes longer than 15 s. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    return this.#end(signal);
  }

  /** To every process of its group, as Ctrl-C in a terminal. */
  async interruptGroup(): Promise<Exit> {
    const ended = this.ended();
    process.kill(-this.pid, 'SIGINT');
    return ended;
  }

  /** When it has ended, by itself or otherwise. */
  async ended(): Promise<Exit> {
    if (this.isAlive) {
      await once(this.#child, 'exit', { signal: AbortSignal.timeout(stopWithinMs) }).catch(() => {
        throw new Error(`The server did not end within ${stopWithinMs / 1_000} s:\n${this.#output}`);
      });
    }
    return { code: this.#child.exitCode, signal: this.#child.signalCode };
  }

  /** Again, on the port and the database that it had. */
  async startAgain(): Promise<void> {
    this.#output = '';
    this.#child = this.#spawn();
    await this.ready();
  }

  async #end(signal: NodeJS.Signals): Promise<Exit> {
    const ended = this.ended();
    if (this.isAlive) this.#child.kill(signal);
    return ended;
  }

  #spawn(): ChildProcess {
    const { environment = {}, ownGroup = false, cwd = root, command = builtServer, uid, gid, keepsAll = false } = this.#launch;
    const [program, ...args] = command;
    const child = spawn(program, args, {
      cwd,
      detached: ownGroup,
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
      env: { ...inherited(), ...relaxedEnvironment, PORT: String(this.#port), DATABASE_URL: this.databaseUrl, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    alive.add(child);
    child.once('exit', () => alive.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream
        .setEncoding('utf8')
        .on('data', (text: string) => (this.#output = keepsAll ? this.#output + text : (this.#output + text).slice(-keptCharacters)));
    }
    return child;
  }
}

/** Like `ServerProcess.start`, and ended when the test is over. */
export async function startProcessForTest(launch: Launch = {}): Promise<ServerProcess> {
  const server = await ServerProcess.launch(launch);
  onTestFinished(() => server.kill());
  await server.ready();
  return server;
}

/** Where programs are found, and nothing that would configure the server by chance. */
function inherited(): Record<string, string> {
  const { PATH = '', HOME = '/', LANG = 'C' } = process.env;
  return { PATH, HOME, LANG };
}
