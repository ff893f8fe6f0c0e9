import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Options } from './options.ts';
import { freePort } from './server-process.ts';
import { median } from './statistics.ts';

const READY_TIMEOUT_MS = 120_000;

/** From `npm start`, as the README has it, to the first 200 of /readyz: the first time with a new database, then with what it left. Seconds of the latter. */
export async function benchStart({ runs }: Options): Promise<number> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'switchboard-bench-start-'));
  try {
    const first = await secondsToReady(dataDirectory);
    console.log(`first start: ${first.toFixed(2)} s`);
    const later: number[] = [];
    for (let run = 1; run <= runs; run += 1) {
      later.push(await secondsToReady(dataDirectory));
      console.log(`start ${run + 1}: ${later.at(-1)!.toFixed(2)} s`);
    }
    console.log(`\nnpm start to ready: first ${first.toFixed(2)} s, then ${median(later).toFixed(2)} s (median of ${runs})`);
    return median(later);
  } finally {
    rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

async function secondsToReady(dataDirectory: string): Promise<number> {
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn('npm', ['start'], {
    env: { ...process.env, DATA_DIR: dataDirectory, DATABASE_URL: 'embedded', HOST: '127.0.0.1', PORT: String(port) },
    stdio: 'ignore',
  });
  try {
    while (!(await isReady(port))) {
      if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}.`);
      if (performance.now() - startedAt > READY_TIMEOUT_MS) throw new Error('The server was not ready in time.');
      await delay(20);
    }
    return (performance.now() - startedAt) / 1_000;
  } finally {
    await end(child);
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200;
  } catch {
    return false;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
