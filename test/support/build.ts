import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The project's folder. */
export const root = resolve(import.meta.dirname, '../..');

/** Builds what changed since the last build: a server in a process of its own is the built one. */
export async function setup(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], { cwd: root });
}
