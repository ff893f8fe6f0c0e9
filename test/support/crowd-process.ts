import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CommandName, CrowdCommands, Response } from '../crowd/commands.js';
import { root } from './build.js';

/** Node runs TypeScript as it is, but for the names of what it imports. */
const resolveSources = `data:text/javascript,
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve(specifier, context, next) {
      const isOurs = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
      return next(isOurs ? specifier.replace(/\\.js$/, '.ts') : specifier, context);
    },
  });`;

/** Thousands of devices in a process of their own, so that what they cost does not sit in the event loop that measures. */
export class CrowdProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #requests = 0;

  /** Ended when the test is over. */
  static startForTest(): CrowdProcess {
    const crowd = new CrowdProcess();
    onTestFinished(() => crowd.#end());
    return crowd;
  }

  private constructor() {
    this.#child = fork(join(root, 'test/crowd/program.ts'), { execArgv: ['--import', resolveSources], stdio: 'inherit' });
    this.#child.on('message', ({ id, result, failure }: Response) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (failure === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(`The crowd: ${failure}`));
    });
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`The crowd ended with ${code}.`));
    });
  }

  /** Does it, and resolves when it is done. Several may be under way. */
  async do<Name extends CommandName>(name: Name, ...values: Parameters<CrowdCommands[Name]>): Promise<ReturnType<CrowdCommands[Name]>> {
    const id = (this.#requests += 1);
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#child.send({ id, name, values });
    return (await waiting.promise) as ReturnType<CrowdCommands[Name]>;
  }

  async #end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }
}
