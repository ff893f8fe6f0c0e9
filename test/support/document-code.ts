import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { root } from './build.js';

const strictly = [
  '--noEmit',
  '--strict',
  '--module',
  'nodenext',
  '--target',
  'es2024',
  '--types',
  'node',
  '--skipLibCheck',
  '--ignoreConfig',
];

/** The first TypeScript of a document. */
export async function codeOf(page: string): Promise<string> {
  const [, code = ''] = /```ts\n([\s\S]+?)```/.exec(await readFile(join(root, page), 'utf8')) ?? [];
  return code;
}

/** Compiles it strictly, as a file within the project, where it finds packages as it would at the root. Gives back the file, which goes when the test ends. */
export async function compiledFile(code: string): Promise<string> {
  const folder = await mkdtemp(join(root, 'dist/document-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'code.ts');
  await writeFile(file, code);
  await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...strictly, file]);
  return file;
}
