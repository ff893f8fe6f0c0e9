import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const peersDirectory = fileURLToPath(new URL('peers', import.meta.url));

/** The peers have packages of their own, and one of them has decorators, which type stripping leaves alone: hence a build. */
export function preparePeers(): void {
  if (!existsSync(join(peersDirectory, 'node_modules'))) {
    console.log('The peers are not installed yet: npm ci --prefix bench/peers');
    execFileSync('npm', ['ci', '--prefix', peersDirectory, '--no-audit', '--no-fund'], { stdio: 'inherit' });
  }
  execFileSync(process.execPath, [compiler(), '--project', peersDirectory], { stdio: 'inherit' });
}

function compiler(): string {
  return join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
}
