import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The project's folder. */
export const root = resolve(import.meta.dirname, '../..');

/** What tests start as a process of its own is built as `npm start` builds it. Types are checked elsewhere. */
export async function setup(): Promise<void> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--noCheck'], { cwd: root });
}
