// `npm run check`: every check of the project, one line each, all faults of one run at once.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const root = resolve(import.meta.dirname, '..');
const generated = ['schema', 'src/client/gql', 'examples/apollo/gql'];

const steps = [
  { name: 'types', run: () => command('tsc', '-p', 'tsconfig.json') },
  { name: 'bench', run: () => command('tsc', '-p', 'bench') },
  { name: 'clients', run: () => command('tsc', '-p', 'examples') },
  { name: 'lint', run: () => command('oxlint') },
  { name: 'format', run: () => command('oxfmt', '--check') },
  { name: 'house', run: () => command('node', 'scripts/check-house.mjs') },
  { name: 'unused', run: () => command('knip') },
  { name: 'examples', run: () => command('node', 'scripts/check-examples.mjs') },
  { name: 'generated', run: checkGenerated },
  { name: 'tests', slow: true, run: () => command('npm', 'test') },
];

const { values } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' }, fast: { type: 'boolean' } },
});

if (values.help) {
  console.log(`npm run check [-- --fast]

Runs, in this order: ${steps.map(({ name }) => name).join(', ')}.
Goes on after a fault, prints the output of what failed, and exits 1 where anything did.

  --fast   without the tests`);
  process.exit(0);
}

const failed = [];
for (const { name, run } of steps.filter(({ slow }) => !(slow && values.fast))) {
  const started = performance.now();
  const { ok, output } = await run();
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (ok) continue;
  failed.push(name);
  console.log(output.trimEnd().replaceAll(/^/gm, '     '));
}
if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;

/** Compares contents, not git's view, so that it can be asked in the middle of a change; what it generated stays in place. */
async function checkGenerated() {
  const before = contents();
  const generation = await command('npm', 'run', 'generate');
  if (!generation.ok) return generation;
  const after = contents();
  const drifted = [...new Set([...before.keys(), ...after.keys()])].filter((file) => before.get(file) !== after.get(file));
  const output = `Not what \`npm run generate\` makes (it is now; look at the difference and commit it):\n${drifted.join('\n')}`;
  return { ok: drifted.length === 0, output };
}

function contents() {
  const files = generated
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, file)))
    .filter((file) => statSync(join(root, file)).isFile());
  return new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
}

function command(program, ...args) {
  // Started by `node scripts/check.mjs` too, so the tools of the project are put first here and not by npm.
  const path = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  return new Promise((done) => {
    const child = spawn(program, args, { cwd: root, env: { ...process.env, PATH: path } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => done({ ok: false, output: `${program}: ${error.message}` }));
    child.on('close', (code) => done({ ok: code === 0, output }));
  });
}
