import { onTestFinished } from 'vitest';
import WebSocket from 'ws';
import type { ServerProcess } from './server-process.js';
import { until } from './until.js';

/** For NODE_OPTIONS of a server that is looked into: on whichever port is free. */
export const inspected = '--inspect=127.0.0.1:0';

interface Remote {
  readonly result: { readonly value?: unknown; readonly objectId?: string };
  readonly exceptionDetails?: unknown;
}

/** Looks into a server from outside by the protocol of V8's inspector: https://chromedevtools.github.io/devtools-protocol/v8 */
export class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #requests = 0;

  /** Disconnected when the test is over. */
  static async openForTest(server: ServerProcess): Promise<Inspector> {
    const url = await until('the inspector', () => /Debugger listening on (ws:\S+)/.exec(server.output)?.[1]);
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    onTestFinished(() => socket.terminate());
    return new Inspector(socket);
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const { id, result, error } = JSON.parse(data.toString()) as { id?: number; result?: unknown; error?: unknown };
      if (id === undefined) return;
      if (error === undefined) this.#waiting.get(id)?.resolve(result);
      else this.#waiting.get(id)?.reject(new Error(JSON.stringify(error)));
      this.#waiting.delete(id);
    });
  }

  /** Bytes on the heap that something still holds. */
  async heldBytes(): Promise<number> {
    await this.#ask('HeapProfiler.collectGarbage');
    return (await this.#ask<{ usedSize: number }>('Runtime.getHeapUsage')).usedSize;
  }

  /** Bytes that something still holds, on the heap or in buffers beside it. */
  async memory(): Promise<number> {
    const onHeap = await this.heldBytes();
    return onHeap + ((await this.#evaluate('process.memoryUsage().external')).result.value as number);
  }

  /** Timers that are set and sockets that are open, and all else that keeps the process alive, by their names. */
  async resources(): Promise<Readonly<Record<string, number>>> {
    const names = await this.#evaluate('process.getActiveResourcesInfo()');
    const counts: Record<string, number> = {};
    for (const name of names.result.value as string[]) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  }

  /** Objects of a class that something still holds: of the server's file at that path, by the class's name. */
  async instances(path: string, name: string): Promise<number> {
    const require = `process.getBuiltinModule('node:module').createRequire(${JSON.stringify(path)})`;
    const prototype = await this.#evaluate(`${require}(${JSON.stringify(path)}).${name}.prototype`, false);
    const { objects } = await this.#ask<{ objects: { objectId: string } }>('Runtime.queryObjects', {
      prototypeObjectId: prototype.result.objectId,
      objectGroup: 'counted',
    });
    const count = await this.#ask<Remote>('Runtime.callFunctionOn', {
      objectId: objects.objectId,
      functionDeclaration: 'function () { return this.length; }',
      returnByValue: true,
    });
    await this.#ask('Runtime.releaseObjectGroup', { objectGroup: 'counted' });
    return count.result.value as number;
  }

  async #evaluate(expression: string, returnByValue = true): Promise<Remote> {
    const remote = await this.#ask<Remote>('Runtime.evaluate', { expression, returnByValue, objectGroup: 'counted' });
    if (remote.exceptionDetails !== undefined) throw new Error(JSON.stringify(remote.exceptionDetails));
    return remote;
  }

  async #ask<Result>(method: string, params: object = {}): Promise<Result> {
    const id = (this.#requests += 1);
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return (await waiting.promise) as Result;
  }
}
