import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import { root } from './build.js';
import { freePort } from './free-port.js';
import { TurnClient } from './turn-client.js';
import { until } from './until.js';

const program = 'turnserver';
/** Of Debian's package, which makes an empty database from it when it is installed. */
const databaseSchema = '/usr/share/coturn/schema.sql';
const startWithinMs = 20_000;
/** Above the ports that the kernel gives out by itself. */
const relayPorts = { from: 61_000, to: 61_999 } as const;

export interface TurnSetup {
  /** Each is a `static-auth-secret`; none leaves the file as it is. */
  readonly secrets?: readonly string[];
  /** Lines behind those of the file. */
  readonly lines?: readonly string[];
  /** Where it listens and relays; IPv4 alone unless it is given. */
  readonly hosts?: readonly string[];
}

/** The settings that operators start from. */
export function readOperatorsFile(): Promise<string> {
  return readFile(join(root, 'deploy/coturn.conf'), 'utf8');
}

/** Debian's coturn, on loopback and on ports that are free, with the file that operators use. */
export class TurnServer {
  readonly port: number;
  readonly #folder: string;
  readonly #child: ChildProcess;
  #output = '';

  /** Resolves when it answers; stopped when the test is over. */
  static async startForTest({ secrets = [], lines = [], hosts = ['127.0.0.1'] }: TurnSetup = {}): Promise<TurnServer> {
    const schema = await readFile(databaseSchema, 'utf8').catch(() => {
      throw new Error(`${program} is not on this machine: apt-get install coturn`);
    });
    const folder = await mkdtemp(join(tmpdir(), 'coturn-'));
    // Where one of the two is taken coturn tries again and again, and neither gives up nor answers.
    const port = await freePort(hosts);
    const given = secrets.map((secret) => `static-auth-secret=${secret}`).join('\n');
    const file = (await readOperatorsFile()).replace(/^#static-auth-secret=$/m, (line) => given || line);
    await writeFile(join(folder, 'coturn.conf'), [file, ...onThisMachine(folder, port, hosts), ...lines, ''].join('\n'), { mode: 0o600 });
    makeDatabase(databasePath(folder), schema);
    const server = new TurnServer(folder, port);
    onTestFinished(() => server.stop());
    await server.#ready();
    return server;
  }

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
    this.#child = spawn(program, ['-c', join(folder, 'coturn.conf')], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const killed = (): unknown => this.#child.kill('SIGKILL');
    process.once('exit', killed);
    this.#child.once('exit', () => process.off('exit', killed));
    this.#child.once('error', (error) => (this.#output += error.message));
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
  }

  /** All that it has written. */
  get output(): string {
    return this.#output;
  }

  isRelayPort(port: number): boolean {
    return port >= relayPorts.from && port <= relayPorts.to;
  }

  async stop(): Promise<void> {
    if (this.#isAlive) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #isAlive(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async #ready(): Promise<void> {
    const client = await TurnClient.open(this, { username: '', credential: '' });
    try {
      await until(
        'the TURN server',
        async () => {
          if (!this.#isAlive) throw new Error('It has ended.');
          return client.isAnswered();
        },
        { withinMs: startWithinMs },
      );
    } catch (error) {
      throw new Error(`The TURN server did not start:\n${this.#output}`, { cause: error });
    } finally {
      client.close();
    }
  }
}

function databasePath(folder: string): string {
  return join(folder, 'turndb');
}

/** coturn would make it when the first clients come, from several threads at once, and refuse those clients. */
function makeDatabase(path: string, schema: string): void {
  const database = new DatabaseSync(path);
  database.exec(schema);
  database.close();
}

/** What a machine with a network would not need. Nothing of the system's own coturn is read or written. */
function onThisMachine(folder: string, port: number, hosts: readonly string[]): string[] {
  return [
    ...hosts.flatMap((host) => [`listening-ip=${host}`, `relay-ip=${host}`]),
    `listening-port=${port}`,
    `min-port=${relayPorts.from}`,
    `max-port=${relayPorts.to}`,
    `pidfile=${join(folder, 'pid')}`,
    `userdb=${databasePath(folder)}`,
  ];
}
