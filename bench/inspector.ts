import { setTimeout as delay } from 'node:timers/promises';

import { WebSocket } from 'ws';

import type { ServerProcess } from './server-process.ts';

/** To stand behind `node`: where a program that is told so by a signal lets itself be inspected. */
export const INSPECTABLE = '--inspect-port=127.0.0.1:0';

const ANSWER_TIMEOUT_MS = 30_000;

/** Has the server collect all its garbage: what is resident then is what it needs. By Chrome's DevTools Protocol, which Node speaks. */
export async function collectGarbage(server: ServerProcess): Promise<void> {
  const socket = new WebSocket(await inspectorOf(server));
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('The inspector of the server did not answer.')), ANSWER_TIMEOUT_MS);
      socket.once('open', () => socket.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' })));
      socket.once('error', reject);
      socket.once('message', () => {
        clearTimeout(late);
        resolve();
      });
    });
  } finally {
    socket.terminate();
  }
}

async function inspectorOf(server: ServerProcess): Promise<string> {
  process.kill(server.pid, 'SIGUSR1');
  for (let triesLeft = 100; triesLeft > 0; triesLeft -= 1) {
    const [, url] = /Debugger listening on (ws:\S+)/.exec(server.output()) ?? [];
    if (url !== undefined) return url;
    await delay(50);
  }
  throw new Error(`The server opened no inspector:\n${server.output()}`);
}
