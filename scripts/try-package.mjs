// Packs the package and uses it as somebody else's project would, with the blocks of docs/clients.md as they stand: installs
// it, generates types from its schema, compiles, starts the server that it brings, and runs a client against it.
//   npm run test:package            needs access to npm, and a minute
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { printHelp, step } from './narrate.mjs';

const root = resolve(import.meta.dirname, '..');
const mostKib = 400;
const readyWithinMs = 60_000;

if (process.argv.includes('--help')) {
  await printHelp(import.meta.filename);
  process.exit(0);
}

const work = await mkdtemp(join(tmpdir(), 'switchboard-package-'));
try {
  const tarball = await pack();
  const project = await makeProject(tarball);
  await step('types from its schema', () => run('npx', ['graphql-codegen'], project));
  // Without skipLibCheck: the declarations of the SDK are held too.
  await step('types', () => run('npx', ['tsc'], project));
  const { stop, url } = await step('a server of its own', () => startServer(project));
  try {
    const said = await step('a client', () => run('node', ['dist/missed-calls.js', url], project));
    if (!/^1 missed:\nAna at 2\d{3}-/.test(said)) throw new Error(`It said:\n${said}`);
  } finally {
    await stop();
  }
} finally {
  await rm(work, { recursive: true, force: true });
}

async function pack() {
  const [{ filename, size, files }] = JSON.parse(await run('npm', ['pack', '--json', '--pack-destination', work], root));
  const paths = files.map(({ path }) => path);
  const missing = [
    'LICENSE',
    'README.md',
    'CHANGELOG.md',
    'docs/clients.md',
    'examples/two-tabs/index.html',
    'schema/schema.graphql',
    'dist/main.js',
    'dist/client/index.d.ts',
    'dist/web/client.js',
  ].filter((path) => !paths.includes(path));
  const needless = paths.filter((path) => /^(?:src|test|bench|scripts)\/|\.map$|\.tsbuildinfo$/.test(path));
  if (missing.length > 0 || needless.length > 0) throw new Error(`Missing: ${missing.join(', ')}. Needless: ${needless.join(', ')}.`);
  if (size > mostKib * 1024) throw new Error(`The package has ${Math.ceil(size / 1024)} KiB, more than ${mostKib}.`);
  console.log(`packed: ${files.length} files, ${Math.ceil(size / 1024)} KiB`);
  return join(work, filename);
}

async function makeProject(tarball) {
  const project = join(work, 'project');
  const page = await readFile(join(root, 'docs/clients.md'), 'utf8');
  for (const [, file, text] of page.matchAll(/^```\w+ (\S+)\n([\s\S]+?)^```$/gm)) {
    await mkdir(dirname(join(project, file)), { recursive: true });
    await writeFile(join(project, file), text);
  }
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }));
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const tools = ['typescript', '@types/node', '@graphql-codegen/cli', '@graphql-codegen/client-preset'];
  await step('installed', () =>
    run('npm', ['install', '--no-audit', '--no-fund', tarball, ...tools.map((name) => `${name}@${devDependencies[name]}`)], project),
  );
  return project;
}

async function startServer(project) {
  const { PATH, HOME } = environment();
  const server = spawn('node', ['node_modules/switchboard/dist/main.js'], {
    cwd: project,
    env: { PATH, HOME, PORT: '0', DATA_DIR: join(work, 'data') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => server.once('exit', done));
  const stop = async () => {
    server.kill('SIGTERM');
    await ended;
  };
  let output = '';
  server.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  const deadline = Date.now() + readyWithinMs;
  for (;;) {
    const url = /GraphQL +(http:\S+\/graphql)/.exec(output)?.[1];
    if (url !== undefined) return { url, stop };
    if (server.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`The server did not start:\n${output}`);
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function run(program, args, cwd) {
  try {
    return (await promisify(execFile)(program, args, { cwd, env: environment() })).stdout;
  } catch (error) {
    throw new Error(`${program} ${args.join(' ')}:\n${error.stdout}${error.stderr}`, { cause: error });
  }
}

/** With the Node that runs this first. */
function environment() {
  return { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) };
}
