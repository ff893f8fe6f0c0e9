import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isPostmasterOf, lifeOf, postgresProcessesOf } from './embedded-process.js';

const fastShutdownMs = 10_000;
const immediateShutdownMs = 6_000;
const pollIntervalMs = 10;

/**
 * Stops the Postgres that a killed process left on `cluster`, and clears its pid file where it would mislead. To be
 * called by who holds the cluster's lock: a Postgres found then has no owner. Signals no process but those of a
 * Postgres on this very directory. Throws where one does not end.
 */
export async function stopOrphan(cluster: string, log: (line: string) => void): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (await isPostmasterOf(cluster, pid)) {
    log(`Stopping the Postgres (process ${pid}) that an earlier run left behind.`);
    const isIt = () => isPostmasterOf(cluster, pid);
    const gone = (await end(pid, 'SIGINT', fastShutdownMs, isIt)) || (await end(pid, 'SIGQUIT', immediateShutdownMs, isIt));
    if (!gone) throw new Error(`Postgres, process ${pid}, runs on ${cluster} and does not stop. End it with: kill -9 ${pid}`);
  }

  // Of a Postgres whose main process was killed, a busy child may live on, and no new one starts beside it.
  for (const child of await postgresProcessesOf(cluster)) {
    const isIt = async () => (await postgresProcessesOf(cluster)).includes(child);
    if (!(await end(child, 'SIGQUIT', immediateShutdownMs, isIt))) {
      throw new Error(`A remainder of Postgres, process ${child}, runs on ${cluster} and does not end. End it with: kill -9 ${child}`);
    }
  }

  // Whoever has that pid now, a zombie included, Postgres would take for a Postgres and refuse to start. Should a child
  // have escaped us, Postgres still finds it by the shared memory, whose key comes from the directory.
  await rm(pidFile, { force: true });
}

/** Signals a process, which is looked at just before, and waits until that life of its pid is over: it is no child of ours. */
async function end(pid: number, signal: NodeJS.Signals, boundMs: number, isIt: () => Promise<boolean>): Promise<boolean> {
  const life = await lifeOf(pid);
  if (life === undefined || !(await isIt())) return true;
  try {
    process.kill(pid, signal);
  } catch {
    // It went, or is not ours to signal: the wait tells.
  }
  const giveUpAt = performance.now() + boundMs;
  while ((await lifeOf(pid)) === life) {
    if (performance.now() > giveUpAt) return false;
    await delay(pollIntervalMs);
  }
  return true;
}
