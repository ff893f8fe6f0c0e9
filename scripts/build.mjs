// `npm run build`: dist from src, the server's part and that for pages, each where it is older than its sources.
//   node scripts/build.mjs [server] [web]
// `npm start` comes by here each time, so nothing that takes long to load is loaded where nothing is to be built.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

const parts = {
  server: {
    stamp: 'dist/.built',
    sources: ['src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'],
    build: () => {
      const compiler = join(root, 'node_modules/typescript/bin/tsc');
      const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
      if (status !== 0) process.exit(status ?? 1);
    },
  },
  web: {
    stamp: 'dist/web/.built',
    sources: ['src/web', 'src/client', 'vite.config.ts', 'package-lock.json'],
    build: async () => {
      const { build } = await import('vite');
      await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
    },
  },
};

const wanted = process.argv.slice(2);
for (const [name, { stamp, sources, build }] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const begun = new Date();
  const built = join(root, stamp);
  if (existsSync(built) && newest(sources) <= statSync(built).mtimeMs) continue;
  await build();
  writeFileSync(built, '');
  // What was changed meanwhile is to be built the next time.
  utimesSync(built, begun, begun);
}

/** When it was changed here, whatever date it was copied with. A folder is as new as the last file that came into it or left it. */
function newest(paths) {
  return Math.max(...paths.flatMap((path) => entries(join(root, path))).map((path) => statSync(path).ctimeMs));
}

function entries(path) {
  return statSync(path).isDirectory() ? [path, ...readdirSync(path, { recursive: true }).map((name) => join(path, name))] : [path];
}
