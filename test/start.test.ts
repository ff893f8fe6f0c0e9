import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loginOperation, registerOperation } from '../src/client/operations.js';
import { run } from './support/api.js';
import { createEmptyDatabase } from './support/database.js';
import { EmbeddedFolder } from './support/embedded-folder.js';
import { ServerProcess, startProcessForTest, type Launch } from './support/server-process.js';
import { until } from './support/until.js';

vi.setConfig({ testTimeout: 60_000 });

const asRoot = process.getuid?.() === 0;
/** Of the account `nobody`, where root has to play an ordinary user. */
const nobody = 65_534;
/** Not where the project lies in a home that no ordinary user may enter. */
const canBeNobody = asRoot && spawnSync(process.execPath, ['--version'], { cwd: '/', uid: nobody, gid: nobody }).status === 0;
const account = { username: 'ana', password: 'correct horse' };

const register = (server: ServerProcess) => run(server.url, null, registerOperation, { input: account });
const login = (server: ServerProcess) => run(server.url, null, loginOperation, { input: account });

async function launchForTest(launch: Launch): Promise<ServerProcess> {
  const server = await ServerProcess.launch(launch);
  onTestFinished(() => server.kill());
  return server;
}

/** Ends it and looks at what it promises: exit code 0, and no Postgres left, within five seconds. */
async function endsCleanly(folder: EmbeddedFolder, end: () => Promise<{ code: number | null }>): Promise<void> {
  const pids = folder.postgresPids;
  expect(pids.length).toBeGreaterThan(0);
  const startedAt = performance.now();
  expect(await end()).toMatchObject({ code: 0 });
  expect(folder.postgresPids).toEqual([]);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
}

test('an account lives through SIGTERM, Ctrl-C, the death of the server, and the death of everything', async () => {
  const folder = await EmbeddedFolder.makeForTest();
  const server = await startProcessForTest({ environment: folder.environment, ownGroup: true });
  await register(server);

  await endsCleanly(folder, () => server.stop());
  await server.startAgain();
  await login(server);

  await endsCleanly(folder, () => server.interruptGroup());
  await server.startAgain();
  await login(server);

  await server.kill();
  expect(folder.postgresPids.length).toBeGreaterThan(0);
  await server.startAgain();
  await login(server);

  await server.kill();
  folder.killPostgres();
  await server.startAgain();
  await login(server);
  await endsCleanly(folder, () => server.stop('SIGINT'));
});

test('a second server on the same folder ends with 78 and says whose it is; the first goes on', async () => {
  const folder = await EmbeddedFolder.makeForTest();
  const first = await startProcessForTest({ environment: folder.environment });
  const second = await launchForTest({ environment: folder.environment });
  expect(await second.ended()).toEqual({ code: 78, signal: null });
  expect(second.output).toContain(`is in use by process ${first.pid}`);
  await register(first);
});

test('told to end while it still starts, it leaves no Postgres behind', async () => {
  const folder = await EmbeddedFolder.makeForTest();
  const server = await launchForTest({ environment: folder.environment });
  await until('its Postgres', () => folder.postgresPids.length > 0, { withinMs: 30_000, everyMs: 2 });
  await server.stop();
  await until('the end of its Postgres', () => folder.postgresPids.length === 0);
});

test('ports 4000 and 5432 may be taken: it takes the next one, and says so', async () => {
  await takePort(4_000);
  await takePort(5_432);
  const folder = await EmbeddedFolder.makeForTest();
  const server = await startProcessForTest({ environment: { ...folder.environment, PORT: '' } });
  expect(server.port).toBeGreaterThan(4_000);
  expect(server.output).toContain('(4000 is taken)');
  await register(server);
});

test.runIf(canBeNobody)('an ordinary user starts it in a home of their own', async () => {
  const folder = await EmbeddedFolder.makeForTest({ mode: 0o700, uid: nobody });
  const server = await startProcessForTest({ environment: folder.environment, cwd: '/', uid: nobody, gid: nobody });
  await register(server);
  await endsCleanly(folder, () => server.stop());
});

test.runIf(asRoot)('root starts it in a home that nobody else may enter', async () => {
  const folder = await EmbeddedFolder.makeForTest({ mode: 0o700 });
  const server = await startProcessForTest({ environment: folder.environment });
  await register(server);
  await endsCleanly(folder, () => server.stop());
});

test('two that start at one instant on an empty database both serve', async () => {
  const environment = { DATABASE_URL: await createEmptyDatabase() };
  const servers = await Promise.all([launchForTest({ environment }), launchForTest({ environment })]);
  await Promise.all(servers.map((server) => server.ready()));
  await register(servers[0]);
  await login(servers[1]);
  expect(await Promise.all(servers.map((server) => server.stop()))).toEqual(servers.map(() => ({ code: 0, signal: null })));
});

/** Holds a port of 127.0.0.1, unless somebody else holds it already: taken is taken. */
async function takePort(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await Promise.race([once(server, 'listening'), once(server, 'error')]).catch(() => undefined);
  onTestFinished(() => void server.close());
}
