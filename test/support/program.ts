import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './until.js';

const startWithinMs = 20_000;
const stopWithinMs = 15_000;
const keptCharacters = 20_000;

export interface ProgramSetup {
  /** The Debian package that brings it, for whoever does not have it. */
  readonly package: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it serves. */
  readonly answers: () => Promise<boolean>;
}

/** A real program of the machine that a test starts, stops, kills and starts again where it was. */
export class Program {
  readonly #setup: ProgramSetup;
  #child: ChildProcess | null = null;
  #output = '';

  constructor(setup: ProgramSetup) {
    this.#setup = setup;
  }

  /** What it has said so far. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const { command, args, environment, answers } = this.#setup;
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
    this.#child = child;
    const missing = once(child, 'error').then(() => {
      throw new Error(`${command} is not on this machine: apt-get install ${this.#setup.package}`);
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output = (this.#output + text).slice(-keptCharacters)));
    const ended = once(child, 'exit').then(() => {
      throw new Error(`${command} ended:\n${this.#output}`);
    });
    ended.catch(() => undefined);
    missing.catch(() => undefined);
    await Promise.race([until(`${command} to answer`, answers, { withinMs: startWithinMs }), missing, ended]);
  }

  /** By SIGTERM, unless another signal is given. Resolves when it is gone; nothing where it is not there. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit', { signal: AbortSignal.timeout(stopWithinMs) });
    child.kill(signal);
    await gone;
  }

  /** It stands still until `thaw`. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }
}
