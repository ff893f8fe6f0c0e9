import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { root } from './build.js';

const run = promisify(execFile);

/** Of documentation (RFC 5737): no network that there is has these, and nothing with them leaves this machine. */
const [hostAddress, islandAddress] = ['198.51.100.1', '198.51.100.2'];

/**
 * A network namespace, joined to this machine by a switch that can be turned off: both cables stay plugged in, so neither
 * end is told that nothing arrives any more. Needs root.
 */
export class NetworkIsland {
  /** This machine, as seen from there. */
  readonly host = hostAddress;
  readonly #island = `sbi${process.pid}`;
  readonly #switch = `sbs${process.pid}`;
  readonly #programs: ChildProcess[] = [];

  /** Gone when the test is over, with all that runs on it. One at a time. */
  static async raiseForTest(): Promise<NetworkIsland> {
    const taken = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address.startsWith('198.51.100.')));
    if (taken) throw new Error('This machine has an address of 198.51.100.0/24 itself.');
    const island = new NetworkIsland();
    onTestFinished(() => island.#sink());
    try {
      await island.#raise();
    } catch (cause) {
      throw new Error('A network of its own needs iproute2 and root: apt-get install iproute2, and run this as root.', { cause });
    }
    return island;
  }

  /** Nothing passes until `mend`. */
  async cut(): Promise<void> {
    await run('ip', ['-n', this.#switch, 'link', 'set', 'bridge', 'down']);
  }

  async mend(): Promise<void> {
    await run('ip', ['-n', this.#switch, 'link', 'set', 'bridge', 'up']);
  }

  /** A module there, given as text; `told` takes each line of JSON that it prints. */
  async start(text: string, told: (line: unknown) => void): Promise<void> {
    const command = ['netns', 'exec', this.#island, process.execPath, '--input-type=module', '-e', text];
    const child = spawn('ip', command, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#programs.push(child);
    createInterface({ input: child.stdout }).on('line', (line) => told(JSON.parse(line)));
    await once(child, 'spawn');
  }

  async #raise(): Promise<void> {
    const [island, middle] = [this.#island, this.#switch];
    for (const space of [island, middle]) await run('ip', ['netns', 'add', space]);
    await run('ip', ['-n', middle, 'link', 'add', 'bridge', 'type', 'bridge']);
    await run('ip', ['link', 'add', `${middle}h`, 'type', 'veth', 'peer', 'name', 'to-host', 'netns', middle]);
    await run('ip', ['-n', island, 'link', 'add', 'cable', 'type', 'veth', 'peer', 'name', 'to-island', 'netns', middle]);
    for (const cable of ['to-host', 'to-island']) await run('ip', ['-n', middle, 'link', 'set', cable, 'master', 'bridge', 'up']);
    await run('ip', ['address', 'add', `${hostAddress}/30`, 'dev', `${middle}h`]);
    await run('ip', ['link', 'set', `${middle}h`, 'up']);
    await run('ip', ['-n', island, 'address', 'add', `${islandAddress}/30`, 'dev', 'cable']);
    await run('ip', ['-n', island, 'link', 'set', 'cable', 'up']);
    await this.mend();
  }

  async #sink(): Promise<void> {
    for (const program of this.#programs) program.kill('SIGKILL');
    // What a raise that failed did not make cannot be taken away.
    for (const space of [this.#island, this.#switch]) await run('ip', ['netns', 'delete', space]).catch(() => undefined);
    await run('ip', ['link', 'delete', `${this.#switch}h`]).catch(() => undefined);
  }
}
