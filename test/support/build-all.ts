import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { root, setup as buildServer } from './build.js';

/** The server and the pages, as `npm start` builds them. */
export async function setup(): Promise<void> {
  await buildServer();
  await promisify(execFile)(process.execPath, ['scripts/build.mjs', 'web'], { cwd: root });
}
