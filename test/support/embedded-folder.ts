import { existsSync, realpathSync } from 'node:fs';
import { chmod, chown, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { postgresProcessesOn } from './postgres-processes.js';

/** A data directory for a server's own Postgres, which ends, with the folder, when the test is over. */
export class EmbeddedFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Mode 0755: where root runs the tests, Postgres is somebody else, who has to come through here. */
  static async makeForTest({ mode = 0o755, uid }: { mode?: number; uid?: number } = {}): Promise<EmbeddedFolder> {
    const folder = new EmbeddedFolder(await realpath(await mkdtemp(join(tmpdir(), 'switchboard-embedded-'))));
    onTestFinished(() => folder.remove());
    await chmod(folder.path, mode);
    if (uid !== undefined) await chown(folder.path, uid, uid);
    return folder;
  }

  /** For DATABASE_URL and DATA_DIR of a server. */
  get environment() {
    return { DATABASE_URL: 'embedded', DATA_DIR: join(this.path, 'data'), HOME: this.path };
  }

  /** Where the database lies: elsewhere, where root may not show it to the account that runs Postgres. */
  get cluster(): string | null {
    const entrance = join(this.path, 'data', 'postgres');
    return existsSync(entrance) ? realpathSync(entrance) : null;
  }

  get postgresPids(): number[] {
    return this.cluster === null ? [] : postgresProcessesOn(this.cluster);
  }

  /** Of the Postgres that runs there now. */
  async databaseUrl(): Promise<string> {
    if (this.cluster === null) throw new Error(`There is no database in ${this.path}.`);
    const password = (await readFile(join(this.cluster, 'switchboard-password'), 'utf8')).trim();
    const port = (await readFile(join(this.cluster, 'postmaster.pid'), 'utf8')).split('\n')[3];
    return `postgres://switchboard:${password}@127.0.0.1:${port}/switchboard`;
  }

  killPostgres(): void {
    for (const pid of this.postgresPids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It went with its main process, as it should.
      }
    }
  }

  async remove(): Promise<void> {
    this.killPostgres();
    const removal = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 };
    if (this.cluster !== null) for (const path of [this.cluster, `${this.cluster}.lock`]) await rm(path, removal);
    await rm(this.path, removal);
  }
}
