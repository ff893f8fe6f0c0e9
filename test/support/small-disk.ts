import { execFile } from 'node:child_process';
import { close, openSync, rmSync, writeSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const run = promisify(execFile);
const mib = 1_048_576;

/** A disk of its own for one test, in memory and small enough to be filled up. Needs root, who alone may mount. */
export class SmallDisk {
  readonly folder: string;
  readonly #filling: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.#filling = join(folder, 'filling');
  }

  /** Gone when the test is over; whatever works on it has to be asked for later, so that it ends before. */
  static async mountForTest(sizeMib: number): Promise<SmallDisk> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'switchboard-disk-')));
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m,mode=0755`, 'tmpfs', folder]);
    } catch (cause) {
      await rm(folder, { recursive: true });
      throw new Error('A disk that can be filled up is a tmpfs, and only root may mount one: run this as root.', { cause });
    }
    onTestFinished(async () => {
      await run('umount', [folder]);
      await rm(folder, { recursive: true });
    });
    return new SmallDisk(folder);
  }

  /** To the last byte. */
  fill(): void {
    const file = openSync(this.#filling, 'a');
    try {
      for (let size = mib; size >= 1; size = Math.floor(size / 2)) while (writesAll(file, size));
    } finally {
      close(file);
    }
  }

  free(): void {
    rmSync(this.#filling);
  }
}

function writesAll(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size)) === size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
