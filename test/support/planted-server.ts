import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { root } from './build.js';
import { changed, type Change } from './plant.js';
import { startProcessForTest, type Launch, type ServerProcess } from './server-process.js';

/** A mistake in the built server's own code. */
export interface Mistake {
  /** Under dist. */
  readonly file: string;
  readonly changes: readonly Change[];
}

/** The built server as if it had been written with that mistake, or with none; ended when the test is over. */
export async function startPlantedServer(mistake: Mistake | null): Promise<ServerProcess> {
  return startProcessForTest({ command: await plantedServer(mistake) });
}

/** What to run for it. It is gone when the test is over. */
export async function plantedServer(mistake: Mistake | null): Promise<NonNullable<Launch['command']>> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'switchboard-planted-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  await symlink(await realpath(join(root, 'node_modules')), join(folder, 'node_modules'));
  if (mistake !== null) {
    const path = join(folder, 'dist', mistake.file);
    await writeFile(path, changed(await readFile(path, 'utf8'), mistake.changes));
  }
  return [process.execPath, join(folder, 'dist/main.js')];
}
