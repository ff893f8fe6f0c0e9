import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const flags = { 'slow headers': '-H', 'slow body': '-B', 'slow read': '-X' } as const;
export type SlowMode = keyof typeof flags;

export interface SlowRun {
  readonly mode: SlowMode;
  /** When nothing of it was connected any more, as the program sees it; null where something was to the end. */
  readonly freedAfterSeconds: number | null;
  /** That its own requests in between were answered. */
  readonly answered: boolean;
}

const tries = 10;

/** Debian's slowhttptest against that address: so many connections that each say, or take, a few bytes every three seconds. */
export async function slowHttp(mode: SlowMode, url: string, connections: number, seconds: number): Promise<SlowRun> {
  for (let left = tries; ; left -= 1) {
    const run = await once(mode, url, connections, seconds);
    // It also ends, in its first seconds, where it looks at its connections before the first of them is there.
    if (left === 0 || run.freedAfterSeconds === null || run.freedAfterSeconds > 3) return run;
  }
}

async function once(mode: SlowMode, url: string, connections: number, seconds: number): Promise<SlowRun> {
  const load = ['-c', connections, '-r', connections, '-i', 3, '-l', seconds, '-p', 3, '-k', 3].map(String);
  const run = promisify(execFile)('slowhttptest', [flags[mode], '-u', url, ...load, '-f', 'application/json', '-v', '1'], {
    timeout: (seconds + 20) * 1_000,
  });
  const { stdout } = await run.catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Error('slowhttptest is not on this machine: apt-get install slowhttptest') : error;
  });
  const [, second, status] = /Test ended on (\d+)th second[^E]*Exit status:(.*)/.exec(stdout) ?? [];
  if (second === undefined || status === undefined) throw new Error(`slowhttptest said: ${stdout.slice(-500)}`);
  return {
    mode,
    freedAfterSeconds: status.includes('No open connections') ? Number(second) : null,
    answered: !/service available:[^A-Z]*NO/.test(stdout),
  };
}
