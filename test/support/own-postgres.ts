import { execFile } from 'node:child_process';
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded-postgres.js';
import { freePort } from './free-port.js';
import { postgresProcessesOn } from './postgres-processes.js';

export interface OwnPostgresSetup {
  /** Where its data lie: a folder of its own unless one is given, which its giver then removes. */
  readonly folder?: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** A Postgres for one test alone, that it may stop, kill and start again at the address that it had. As durable as one in production. */
export class OwnPostgres {
  readonly #folder: string;
  readonly #port: number;
  readonly #settings: Readonly<Record<string, string>>;
  #running: EmbeddedPostgres | null = null;
  #url = '';

  private constructor(folder: string, port: number, settings: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#port = port;
    this.#settings = settings;
  }

  /** Stopped, and its data removed, when the test is over. */
  static async startForTest({ folder, settings = {} }: OwnPostgresSetup = {}): Promise<OwnPostgres> {
    const own = folder ?? (await realpath(await mkdtemp(join(tmpdir(), 'switchboard-postgres-'))));
    // Where root runs the tests, Postgres is somebody else, who has to come through here.
    await chmod(own, 0o755);
    const postgres = new OwnPostgres(own, await freePort(['127.0.0.1']), { max_connections: '300', ...settings });
    onTestFinished(() => postgres.#remove(folder === undefined));
    await postgres.startAgain();
    return postgres;
  }

  /** Of its database, which is empty at first. */
  get url(): string {
    return this.#url;
  }

  async startAgain(): Promise<void> {
    this.#running = await startEmbeddedPostgres({ dataDir: join(this.#folder, 'data'), settings: this.#settings, port: this.#port });
    this.#url = this.#running.url;
  }

  /** As an operator stops it: connections are ended, and what was committed is on disk. */
  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = null;
  }

  /** As a crash: every process of it at once. */
  async kill(): Promise<void> {
    await this.#signal('SIGKILL');
    await this.stop();
  }

  /** Every process of it stands still until `thaw`: it takes connections and answers nothing. */
  async freeze(): Promise<void> {
    await this.#signal('SIGSTOP');
  }

  async thaw(): Promise<void> {
    await this.#signal('SIGCONT');
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    for (const pid of postgresProcessesOn(await this.#place())) {
      try {
        process.kill(pid, signal);
      } catch {
        // It went with its main process, as it should.
      }
    }
  }

  /** Keeps what is stored now, for `restore`. It is stopped for that and started again. */
  async backUp(): Promise<void> {
    await this.stop();
    const place = await this.#place();
    await copy(place, `${place}-backup`);
    await this.startAgain();
  }

  /** What was stored since `backUp` is gone, as behind a disaster. It is stopped for that and started again. */
  async restore(): Promise<void> {
    await this.stop();
    const place = await this.#place();
    await rm(place, { recursive: true });
    await copy(`${place}-backup`, place);
    await rm(`${place}-backup`, { recursive: true });
    await this.startAgain();
  }

  #place(): Promise<string> {
    return realpath(join(this.#folder, 'data', 'postgres'));
  }

  async #remove(withFolder: boolean): Promise<void> {
    // Where it stands still it cannot be told to stop.
    if (this.#running !== null) await this.thaw();
    await this.stop();
    if (withFolder) await rm(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** With owners and modes: Postgres insists on its own. */
async function copy(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', from, to]);
}
