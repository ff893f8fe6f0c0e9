import { chmod, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { postgresProcessesBelow } from './postgres-processes.js';

/** A data directory for a server's own Postgres, which ends, with the folder, when the test is over. */
export class EmbeddedFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async makeForTest(): Promise<EmbeddedFolder> {
    const folder = new EmbeddedFolder(await realpath(await mkdtemp(join(tmpdir(), 'switchboard-embedded-'))));
    // Where root runs the tests, Postgres is somebody else, who has to come through here.
    await chmod(folder.path, 0o755);
    onTestFinished(() => folder.remove());
    return folder;
  }

  /** For DATABASE_URL and DATA_DIR of a server. */
  get environment() {
    return { DATABASE_URL: 'embedded', DATA_DIR: join(this.path, 'data') };
  }

  get postgresPids(): number[] {
    return postgresProcessesBelow(this.path);
  }

  /** Of the Postgres that runs there now. */
  async databaseUrl(): Promise<string> {
    const cluster = join(this.path, 'data', 'postgres');
    const password = (await readFile(join(cluster, 'switchboard-password'), 'utf8')).trim();
    const port = (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[3];
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
    await rm(this.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
