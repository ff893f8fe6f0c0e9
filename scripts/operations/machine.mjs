// A machine of its own for what docs/operations.md says: Debian with systemd as its first process, on a layer in memory above
// a system that is made once. It shares the network of who starts it.
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The release of Debian that has Postgres 18 and Node 24, and what the page installs on it. */
const suite = 'forky';
const packages = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'ca-certificates',
  'nodejs',
  'nginx',
  'valkey-server',
  'postgresql-18',
  'curl',
  'openssl',
];
const cache = '/var/cache/switchboard';
const bootWithinMs = 60_000;
const stopWithinMs = 10_000;

/** From where this machine has its own packages. */
async function mirror() {
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(SITE)']);
  const site = stdout.split('\n').find((line) => line !== '' && !line.endsWith('-security'));
  if (site === undefined) throw new Error('apt-get of this machine knows no mirror of Debian.');
  return site;
}

/** What it takes to make and start one, and is not there. */
export function missingTools() {
  const tools = {
    debootstrap: 'debootstrap',
    'systemd-nspawn': 'systemd-container',
    unshare: 'util-linux',
    nsenter: 'util-linux',
    ip: 'iproute2',
  };
  const folders = process.env.PATH.split(':');
  return Object.entries(tools)
    .filter(([tool]) => !folders.some((folder) => existsSync(join(folder, tool))))
    .map(([tool, name]) => `${tool} (${name})`);
}

/** The folder of a system with those packages; made in a minute where it is not there yet. */
export async function makeSystem() {
  const name = createHash('sha256')
    .update([suite, ...packages].join(' '))
    .digest('hex')
    .slice(0, 12);
  const system = join(cache, `machine-${name}`);
  if (existsSync(system)) return system;
  const draft = `${system}.${process.pid}`;
  await mkdir(cache, { recursive: true });
  try {
    // The script of unstable is that of every newer release.
    const script = '/usr/share/debootstrap/scripts/sid';
    await run('debootstrap', ['--variant=minbase', `--include=${packages.join(',')}`, suite, draft, await mirror(), script], {
      maxBuffer: 1 << 26,
    });
    await rename(draft, system);
  } catch (error) {
    throw new Error(`No system could be made:\n${error.stdout?.slice(-2_000)}${error.stderr}`, { cause: error });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return system;
}

export class Machine {
  #child;
  #leader;
  #output = '';
  /** The machine's root, as it is seen from here. */
  root;

  /** In mount and network namespaces of our own: what is mounted and listened to here is nobody else's. */
  static async boot(system, folder) {
    await run('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
    const [upper, work, root] = ['upper', 'work', 'root'].map((name) => join(folder, name));
    for (const path of [upper, work, root]) await mkdir(path);
    await run('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${system},upperdir=${upper},workdir=${work}`, root]);
    const machine = new Machine(root);
    await machine.#started();
    return machine;
  }

  constructor(root) {
    this.root = root;
    const options = ['--register=no', '--keep-unit', '--link-journal=no', '--resolv-conf=off', '--timezone=off', '--console=pipe'];
    this.#child = spawn('systemd-nspawn', ['--directory', root, '--machine=switchboard', ...options, '--boot'], {
      env: { PATH: process.env.PATH, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.setEncoding('utf8').on('data', (text) => (this.#output += text));
  }

  /** As root's shell there would; resolves with both outputs, rejects with them where it fails. */
  async run(script, { input } = {}) {
    const enter = ['--target', this.#leader, '--mount', '--uts', '--ipc', '--pid', '--root', '--wd', '--', 'env', '-i'];
    const environment = ['HOME=/root', 'LANG=C.UTF-8', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
    const child = spawn('nsenter', [...enter, ...environment, 'bash', '-euo', 'pipefail', '-c', `cd /root\n${script}`], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.end(input ?? '');
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    const code = await new Promise((done, failed) => child.once('error', failed).once('close', done));
    if (code !== 0) throw new Error(`It ended with ${code}:\n${script}\n${output}`);
    return output;
  }

  async stop() {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((done) => this.#child.once('exit', done));
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), stopWithinMs);
    await ended;
    clearTimeout(late);
  }

  async #started() {
    const deadline = performance.now() + bootWithinMs;
    for (;;) {
      const children = await readFile(`/proc/${this.#child.pid}/task/${this.#child.pid}/children`, 'utf8').catch(() => '');
      this.#leader = children.trim().split(' ').at(-1);
      if (this.#leader !== '') {
        const state = await this.run('systemctl is-system-running || true').catch(() => '');
        if (/^(?:running|degraded)$/m.test(state)) return;
      }
      if (this.#child.exitCode !== null || performance.now() > deadline) {
        await this.stop();
        throw new Error(`The machine did not start:\n${this.#output}`);
      }
      await new Promise((done) => setTimeout(done, 200));
    }
  }
}
