// Runs every command of docs/operations.md as it stands, in its order, on a machine that it makes: Debian with systemd, Postgres,
// Valkey, nginx and two nodes. Two people signal to each other meanwhile, and nothing of it may be lost.
//   npm run test:operations         needs root on Linux, Debian's debootstrap and systemd-container, access to Debian and npm,
//                                   and three minutes; a minute less from the second time on
import { execFile, spawn } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { printHelp, step } from './narrate.mjs';
import { Machine, makeSystem, missingTools } from './operations/machine.mjs';
import { post, Talk } from './operations/phone.mjs';

const root = resolve(import.meta.dirname, '..');
const page = 'docs/operations.md';
const run = promisify(execFile);
const outside = 'https://127.0.0.1/graphql';
const nodes = ['http://127.0.0.1:4001', 'http://127.0.0.1:4002'];
const me = '{ me { id } }';

const [option, ...given] = process.argv.slice(2);
if (option === '--help') await printHelp(import.meta.filename);
else if (option === '--inside') await insideOwnNetwork(...given);
else await outsideFirst();

/** What needs the world: packages of npm and Debian. The rest has a network and mounts of its own. */
async function outsideFirst() {
  const missing = missingTools();
  if (process.getuid() !== 0 || missing.length > 0)
    throw new Error(`It needs root, and what is missing: ${missing.join(', ') || 'nothing'}.`);
  const work = await mkdtemp(join(tmpdir(), 'switchboard-operations-'));
  try {
    const [system] = await Promise.all([step('a system', makeSystem), step('build', () => buildRelease(work)), makeCertificate(work)]);
    await mkdir(join(work, 'machine'));
    const child = spawn('unshare', ['--mount', '--net', process.execPath, import.meta.filename, '--inside', work, system], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: join(work, 'fullchain.pem') },
      stdio: 'inherit',
    });
    process.exitCode = await new Promise((done, failed) => child.once('error', failed).once('exit', (code) => done(code ?? 1)));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function insideOwnNetwork(work, system) {
  await run('ip', ['link', 'set', 'lo', 'up']);
  const commands = await readCommands();
  const machine = await step('boot', () => Machine.boot(system, join(work, 'machine')));
  try {
    await prepare(machine, work);
    await play(machine, commands);
  } catch (error) {
    console.error(await machine.run("journalctl --no-pager --lines 40 --unit 'switchboard@*' --unit nginx").catch(() => ''));
    throw error;
  } finally {
    await machine.stop();
  }
}

/** The blocks of the page by their names. */
async function readCommands() {
  const text = await readFile(join(root, page), 'utf8');
  return new Map([...text.matchAll(/^```sh (\S+)\n([\s\S]+?)^```$/gm)].map(([, name, script]) => [name, script]));
}

async function play(machine, commands) {
  const left = new Set(commands.keys());
  left.delete('build');
  const command = async (name) => {
    if (!left.delete(name)) throw new Error(`${page} has no commands named ${name}, or they were run.`);
    return step(name, () => machine.run(commands.get(name)));
  };

  for (const name of ['packages', 'secrets', 'install', 'start', 'nginx', 'look']) await command(name);
  await step('the unit', () => judgeUnit(machine));
  await refuses(`${outside.replace('graphql', 'metrics')}`, 404);

  const talk = await step('a call', () => Talk.begin(outside));
  talk.goOn();
  await command('deploy');
  const old = talk.ben.token;
  await command('jwt-add');
  await isGood(old, true);
  await command('jwt-sign');
  await isGood(old, true);
  await talk.ben.refresh();
  await isGood(talk.ben.token, true);
  if (kidOf(old) === kidOf(talk.ben.token)) throw new Error('The new key does not sign.');
  await command('jwt-drop');
  await isGood(old, false);
  await isGood(talk.ben.token, true);
  await command('database-password');
  await step('a crash', () => crash(machine));
  console.log(`${await talk.compare()} signals meanwhile, each once and in order`);

  await command('old-calls');
  await command('retention');
  await stoppedWell(machine);
  talk.forget();
  await talk.say(3);
  await command('dump');
  await command('copy');
  await restoreStory(talk, () => command('restore'));
  await talk.end();

  for (const name of ['compose', 'compose-deploy']) {
    if (left.delete(name)) console.log(`${name}: not run, it takes a Docker daemon; test/deploy.test.ts holds its file`);
  }
  if (left.size > 0) throw new Error(`Commands that nobody runs: ${[...left].join(', ')}.`);
}

/** What a client sees whose cursor is of a time that the restored database does not know. */
async function restoreStory(talk, restore) {
  await talk.compare();
  const kept = talk.ben.cursor;
  await talk.say(5);
  await talk.compare();
  const lost = talk.ben.cursor;
  await restore();
  const expectRecovered = async (cursor, expected) => {
    const { recovered } = await talk.ben.readyAfter(cursor);
    if (recovered !== expected) throw new Error(`A cursor of ${expected ? 'before' : 'after'} the dump: recovered is ${recovered}.`);
  };
  await expectRecovered(lost, false);
  await expectRecovered(kept, true);
  talk.forget();
  // The log has now passed the number of the cursor that was lost with the old one.
  await talk.say(10);
  await expectRecovered(lost, false);
  console.log('after the restore: recovered is false for a cursor behind the dump, true for one before it');
}

/** Both nodes, asked directly. */
async function isGood(token, expected) {
  for (const node of nodes) {
    const { data } = await post(`${node}/graphql`, token, me);
    if ((data?.me !== undefined) !== expected) throw new Error(`${node}: a token of ${kidOf(token)} is ${expected ? 'refused' : 'taken'}.`);
  }
}

function kidOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString()).kid;
}

async function judgeUnit(machine) {
  const faults = await machine.run('systemd-analyze verify /etc/systemd/system/switchboard@4001.service');
  if (/switchboard/.test(faults)) throw new Error(faults);
  // Of 10: what a service could do to the rest of the machine. 2 is what systemd calls OK.
  await machine.run('systemd-analyze security --no-pager --threshold=20 switchboard@4001');
  const user = await machine.run(
    'ps -o user= -p $(systemctl show --property MainPID --value switchboard@4001) || stat -c %U /proc/$(systemctl show --property MainPID --value switchboard@4001)',
  );
  if (user.trim().split('\n').at(-1) !== 'switchboard') throw new Error(`It runs as ${user}.`);
}

/** systemd starts again what was killed. */
async function crash(machine) {
  await machine.run('systemctl kill --signal=KILL switchboard@4001');
  await machine.run('until [ "$(systemctl show --property NRestarts --value switchboard@4001)" = 1 ]; do sleep 0.1; done');
  await machine.run('until systemctl is-active --quiet switchboard@4001; do sleep 0.1; done');
}

async function stoppedWell(machine) {
  const ends = await machine.run(
    "journalctl --no-pager --output cat --unit 'switchboard@*' | grep -E 'Failed with|Main process exited|timed out' || true",
  );
  // The one that was killed above.
  if (
    ends
      .trim()
      .split('\n')
      .filter((line) => !/status=9\/KILL|Failed with result 'signal'/.test(line))
      .join('') !== ''
  )
    throw new Error(ends);
}

async function refuses(url, status) {
  const answer = await fetch(url);
  if (answer.status !== status) throw new Error(`${url} answers ${answer.status}.`);
}

/** What the page takes for granted: the release and a certificate. And a short drain, for there are a dozen of them. */
async function prepare(machine, work) {
  await copyFile(join(work, 'release/switchboard.tar.gz'), join(machine.root, 'root/switchboard.tar.gz'));
  await mkdir(join(machine.root, 'etc/nginx/tls'), { recursive: true });
  for (const file of ['fullchain.pem', 'privkey.pem']) await copyFile(join(work, file), join(machine.root, 'etc/nginx/tls', file));
  await copyFile(join(work, 'fullchain.pem'), join(machine.root, 'usr/local/share/ca-certificates/calls.crt'));
  await machine.run('update-ca-certificates 2>&1; echo 127.0.0.1 localhost calls.example.org > /etc/hosts');
  await machine.run(
    'mkdir -p /etc/systemd/system/switchboard@.service.d; printf "[Service]\\nEnvironment=DRAIN_SECONDS=2\\n" > /etc/systemd/system/switchboard@.service.d/quick.conf',
  );
}

async function makeCertificate(work) {
  const names = 'subjectAltName=DNS:calls.example.org,IP:127.0.0.1';
  await run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=calls.example.org',
    '-addext',
    names,
    '-keyout',
    join(work, 'privkey.pem'),
    '-out',
    join(work, 'fullchain.pem'),
  ]);
}

/** In a copy of what git knows of this folder, changes that are not committed included. */
async function buildRelease(work) {
  const folder = join(work, 'release');
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, maxBuffer: 1 << 26 });
  for (const file of stdout.split('\0').filter((name) => name !== '' && name !== 'node_modules')) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(join(root, file), join(folder, file));
  }
  const commands = await readCommands();
  const environment = { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) };
  await writeFile(join(work, 'build.sh'), commands.get('build'));
  await run('bash', ['-euo', 'pipefail', join(work, 'build.sh')], { cwd: folder, env: environment, maxBuffer: 1 << 26 }).catch((error) => {
    throw new Error(`The release could not be made:\n${error.stdout}${error.stderr}`, { cause: error });
  });
}
