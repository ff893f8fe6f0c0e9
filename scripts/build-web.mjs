// Builds the console and the SDK's single file into dist/web, where they are older than their sources.
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '..');
const stamp = join(root, 'dist/web/.built');
const sources = ['src/web', 'src/client', 'vite.config.ts', 'package-lock.json'];

if (!existsSync(stamp) || newest(sources) > statSync(stamp).mtimeMs) {
  await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
  writeFileSync(stamp, '');
}

function newest(paths) {
  return Math.max(...paths.flatMap((path) => files(join(root, path))).map((file) => statSync(file).mtimeMs));
}

function files(path) {
  return statSync(path).isDirectory() ? readdirSync(path, { recursive: true }).map((name) => join(path, name)) : [path];
}
