import { afterAll, beforeAll, expect, test } from 'vitest';
import { refreshSessionOperation } from '../src/client/operations.js';
import { run } from './support/api.js';
import { signUp, type Device } from './support/device.js';
import { ServerProcess } from './support/server-process.js';
import { startServer, startServerForTest, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

async function simulate(
  token: string | null,
  body: unknown,
  at: { readonly url: string } = server,
): Promise<{ status: number; said: string }> {
  const response = await fetch(new URL('/dev/faults', at.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, said: await response.text() };
}
const happen = async (device: Device, fault: object) =>
  expect(await simulate(device.session.accessToken, fault)).toMatchObject({ status: 200 });

async function inACall() {
  const [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  await Promise.all([ana.connect(), ben.connect()]);
  const { id } = await ana.ring(ben);
  await ben.accept(id);
  return { ana, ben, id };
}

test.concurrent('a dropped socket is cut without a close frame, and what came meanwhile is there on return', async () => {
  const { ana, ben, id } = await inACall();
  await happen(ben, { kind: 'drop-socket' });
  expect(await ben.socket.closed).toMatchObject({ code: 1006 });
  await ana.send(id, 'CUSTOM', 'meanwhile');
  await ben.comeBack();
  await ben.received('meanwhile');
  expect(await ana.socket.query('{ me { id } }')).toEqual({ me: { id: ana.userId } });
});

test.concurrent('delayed signals arrive so much later, in order, and the one behind them does not pass', async () => {
  const { ana, ben, id } = await inACall();
  await happen(ana, { kind: 'delay-signals', count: 2, ms: 400 });
  const startedAt = performance.now();
  await Promise.all(['one', 'two', 'three'].map((payload) => ana.stream(id, 'CUSTOM', payload)));
  expect(performance.now() - startedAt).toBeGreaterThan(800);
  await ben.received('three');
  expect(ben.signals.map(({ payload }) => payload)).toEqual(['one', 'two', 'three']);
});

test.concurrent('doubled signals arrive twice, and as many as were asked for', async () => {
  const { ana, ben, id } = await inACall();
  await happen(ana, { kind: 'double-signals', count: 1 });
  await ana.send(id, 'CUSTOM', 'one', 'key');
  await ana.send(id, 'CUSTOM', 'two', 'another');
  await ben.received('two');
  expect(ben.signals.map(({ payload }) => payload)).toEqual(['one', 'one', 'two']);
});

test.concurrent('signals that are delayed for long keep no process from ending', async () => {
  const own = await ServerProcess.start();
  const [ana, ben] = await Promise.all([signUp(own, 'ana'), signUp(own, 'ben')]);
  await ana.connect();
  const { id } = await ana.ring(ben);
  expect(await simulate(ana.session.accessToken, { kind: 'delay-signals', count: 2, ms: 30_000 }, own)).toMatchObject({ status: 200 });
  const sent = ['one', 'two'].map((payload) => ana.stream(id, 'CUSTOM', payload).catch(() => undefined));
  // Answered behind them, of the same socket: they are under way.
  await ana.socket.query('{ me { id } }');
  expect(await own.stop()).toMatchObject({ code: 0 });
  await Promise.all(sent);
});

test.concurrent('an expired token is refused over both transports, and the session can be refreshed', async () => {
  const ana = await signUp(server, 'ana');
  await ana.connect();
  await happen(ana, { kind: 'expire-token' });
  expect(await ana.socket.closed).toMatchObject({ code: 4403 });
  await expect(ana.ask('{ me { id } }')).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
  const { refreshSession } = await run(server.url, null, refreshSessionOperation, { refreshToken: ana.session.refreshToken });
  expect(await simulate(refreshSession.accessToken, { kind: 'end-ring' })).toMatchObject({ status: 200 });
});

test.concurrent('the ring is ended as NO_ANSWER, for both', async () => {
  const [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  await Promise.all([ana.connect(), ben.connect()]);
  const { id } = await ana.ring(ben);
  await happen(ben, { kind: 'end-ring' });
  for (const device of [ana, ben]) expect((await device.heard('ENDED', id)).call).toMatchObject({ endReason: 'NO_ANSWER' });
  await until('nothing rings', async () => (await simulate(ana.session.accessToken, { kind: 'end-ring' })).said.includes('No call rings'));
});

test.concurrent.for([
  [{ kind: 'no-such-fault' }, 'drop-socket'],
  [{ kind: 'delay-signals', ms: 0 }, 'ms'],
  [{ kind: 'double-signals', count: 1_000 }, 'count'],
  [{ kind: 'drop-socket', of: 'somebody else' }, 'of'],
  [[], 'kind'],
] as const)('a request for %j is refused, and says what is wrong', async ([fault, says]) => {
  const ana = await signUp(server);
  const { status, said } = await simulate(ana.session.accessToken, fault);
  expect(status).toBe(400);
  expect(said).toContain(says);
});

test.concurrent('a body over LIMIT_MESSAGE_BYTES is refused by that name, and one that is no JSON is not repeated', async () => {
  const ana = await signUp(server);
  const { accessToken } = ana.session;
  expect(await simulate(accessToken, { kind: 'x'.repeat(262_144) })).toMatchObject({
    status: 413,
    said: expect.stringContaining('LIMIT_MESSAGE_BYTES'),
  });
  expect((await simulate(accessToken, { kind: 'x'.repeat(262_000) })).status).toBe(400);
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` };
  const broken = await fetch(new URL('/dev/faults', server.url), { method: 'POST', headers, body: '{"kind":secret' });
  expect(broken.status).toBe(400);
  expect(await broken.text()).not.toContain('secret');
});

test.concurrent('a page of another origin makes no fault happen: its browser is not told that it may', async () => {
  const headers = {
    origin: 'https://elsewhere.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type',
  };
  const asked = await fetch(new URL('/dev/faults', server.url), { method: 'OPTIONS', headers });
  expect(asked.ok).toBe(false);
  expect(asked.headers.get('access-control-allow-origin')).toBeNull();
});

test.concurrent('nobody breaks anything without a token of their own', async () => {
  expect((await simulate(null, { kind: 'drop-socket' })).status).toBe(401);
  expect((await simulate('forged', { kind: 'drop-socket' })).status).toBe(401);
});

test('in production there is no such address', async () => {
  const production = await startServerForTest({ NODE_ENV: 'production', HOST: '127.0.0.1', BCRYPT_COST: '10' });
  const ana = await signUp(production);
  expect((await simulate(ana.session.accessToken, { kind: 'drop-socket' }, production)).status).toBe(404);
});
