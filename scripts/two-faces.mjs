// Measures the way from nothing to two tabs that see each other: with Switchboard, from a clone, and with PeerJS, from an
// empty folder, as its documentation says. The same browser, the same cache of npm, in turn.
//
//   node scripts/two-faces.mjs [--runs 3]     needs git, npm, a free port 4000, 8080 and 9000, and Chromium
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { printHelp } from './narrate.mjs';

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' }, runs: { type: 'string', default: '3' } } });
if (values.help) {
  await printHelp(import.meta.filename);
  process.exit(0);
}

const ways = [
  {
    name: 'Switchboard',
    page: join(root, 'examples/two-tabs/index.html'),
    address: 'http://127.0.0.1:4000/examples/two-tabs/',
    commands: [`git clone --quiet ${root} .`, 'npm ci'],
    servers: ['npm start'],
  },
  {
    name: 'PeerJS',
    page: join(root, 'bench/peers/peerjs/index.html'),
    address: 'http://127.0.0.1:8080/',
    commands: ['npm install peerjs peer http-server'],
    servers: ['npx peerjs --port 9000', 'npx http-server -a 127.0.0.1 -p 8080'],
    copiesPage: true,
  },
];

/** Of what this script was started by, nothing is to configure what it starts. */
const environment = { PATH: process.env.PATH, HOME: process.env.HOME, LANG: process.env.LANG ?? 'C' };
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    '--autoplay-policy=no-user-gesture-required',
  ],
});
const took = new Map(ways.map(({ name }) => [name, []]));
try {
  for (let run = 1; run <= Number(values.runs); run += 1) {
    for (const way of ways) {
      const seconds = await once(way);
      took.get(way.name).push(seconds);
      console.log(`run ${run}, ${way.name.padEnd(12)} ${seconds.toFixed(1)} s`);
    }
  }
} finally {
  await browser.close();
}
console.log('\n| | commands | lines of the page | seconds to two faces |\n|---|---|---|---|');
for (const { name, page, commands, servers } of ways) {
  const lines = (await readFile(page, 'utf8')).trimEnd().split('\n').length;
  const sorted = took.get(name).toSorted((a, b) => a - b);
  console.log(`| ${name} | ${commands.length + servers.length} | ${lines} | ${sorted[sorted.length >> 1].toFixed(1)} |`);
}

async function once({ commands, servers, address, page, copiesPage }) {
  const folder = await mkdtemp(join(tmpdir(), 'two-faces-'));
  const children = [];
  const startedAt = performance.now();
  try {
    for (const command of commands) await finished(start(command, folder));
    if (copiesPage) await cp(page, join(folder, 'index.html'));
    for (const command of servers) children.push(start(command, folder));
    await twoFaces(address);
    return (performance.now() - startedAt) / 1_000;
  } finally {
    for (const child of children) process.kill(-Number(child.pid), 'SIGTERM');
    await Promise.all(children.map((child) => finished(child).catch(() => undefined)));
    // The database of a server that was told to end may write its last.
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 500 });
  }
}

async function twoFaces(address) {
  const context = await browser.newContext();
  const first = await context.newPage();
  while (
    !(await first.goto(address).then(
      (answer) => answer.ok(),
      () => false,
    ))
  )
    await pause();
  let link = null;
  while (link === null) {
    link = await first.getAttribute('#link', 'href');
    // A page that came before its server is opened again, as a person would.
    if (link === null && (await first.evaluate(() => performance.now())) > 3_000) await first.reload();
    await pause();
  }
  const second = await context.newPage();
  await second.goto(address + link);
  const seesFrames = () => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames > 1;
  // A tab in the background draws nothing, so the look must not wait for it to draw.
  for (const page of [first, second]) await page.waitForFunction(seesFrames, null, { polling: 50 });
  await context.close();
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, 50));
}

function start(command, cwd) {
  // A group of its own, so that what npm starts ends with it.
  return spawn('bash', ['-c', command], { cwd, env: environment, stdio: 'ignore', detached: true });
}

function finished(child) {
  return new Promise((resolve, reject) => {
    if (child.exitCode !== null) return resolve();
    child.on('exit', (code) =>
      code === 0 || code === null ? resolve() : reject(new Error(`${child.spawnargs.at(-1)} ended with ${code}`)),
    );
  });
}
