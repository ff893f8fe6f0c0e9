import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebhookEndpoint } from '../../src/webhooks/webhook-endpoint.js';
import { runSql } from '../support/database.js';
import { signUp, type Device } from '../support/device.js';
import { codeOf, compiledFile } from '../support/document-code.js';
import { freePort } from '../support/free-port.js';
import { ServerProcess } from '../support/server-process.js';
import { startServer, startServerForTest, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';
import { WebhookReceiver, webhookSecret } from '../support/webhook-receiver.js';

let receiver: WebhookReceiver;
let here: TestServer;
let there: TestServer;
beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  here = await startServer(receiver.environment);
  there = await startServer({ ...receiver.environment, DATABASE_URL: here.databaseUrl });
});
afterAll(async () => {
  await Promise.all([here.stop(), there.stop()]);
  await receiver.stop();
});

type Row = { id: string; kind: string; tries: number };
const rowsOf = (callId: string, { databaseUrl } = here) =>
  runSql<Row>(databaseUrl, 'SELECT id, kind, tries FROM webhook_outbox WHERE call_id = $1 ORDER BY seq', [callId]);
const emptied = (callId: string, at = here) => until('the outbox to be empty', async () => (await rowsOf(callId, at)).length === 0);
const people = (at: TestServer = here) => Promise.all([signUp(at, 'ana'), signUp(at, 'ben')]);
/** A call that was made and ended. */
async function briefCall(ana: Device, ben: Device): Promise<string> {
  const { id } = await ana.ring(ben);
  await ana.end(id);
  return id;
}
async function receiverForTest(): Promise<WebhookReceiver> {
  const own = await WebhookReceiver.start();
  onTestFinished(() => own.stop());
  return own;
}
const metric = async (at: TestServer, name: string) => {
  const text = await (await fetch(at.url.replace('/graphql', '/metrics'))).text();
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`switchboard_${name} `))
      ?.split(' ')[1],
  );
};

test.concurrent('what was not accepted is tried again under the same id; its call waits for it, others go on', async () => {
  const [ana, ben] = await people();
  const [cleo, dora] = await people();
  let otherDone = false;
  receiver.answerFor(ben, (heard, n) => (otherDone && n > 2 ? 200 : heard.type === 'call.created' ? 500 : 204));
  const id = await briefCall(ana, ben);
  await until('a second try', () => receiver.of(id).length >= 2);
  const other = await briefCall(cleo, dora);
  await receiver.got('call.ended', other);
  expect(new Set(receiver.typesOf(id))).toEqual(new Set(['call.created']));
  otherDone = true;
  await receiver.got('call.ended', id, 15_000);
  await emptied(id);

  const heard = receiver.of(id);
  expect(heard.map(({ type }) => type).at(-1)).toBe('call.ended');
  const tries = heard.slice(0, -1);
  expect(new Set(tries.map((each) => each.id)).size).toBe(1);
  expect(new Set(tries.map(({ raw }) => raw)).size).toBe(1);
  expect(heard.at(-1)?.id).not.toBe(tries[0]?.id);
  const [first, last] = [tries[0], tries.at(-1)].map((each) => Number(each?.headers['webhook-timestamp']));
  expect(last).toBeGreaterThan(first!);
});

test.concurrent('a redirect is not followed: it is a failure', async () => {
  const [ana, ben] = await people();
  receiver.answerFor(ben, (_, n) => (n > 1 ? 204 : (response) => response.writeHead(307, { location: '/elsewhere' }).end()));
  const id = await briefCall(ana, ben);
  await receiver.got('call.ended', id);
  expect(receiver.typesOf(id)).toEqual(['call.created', 'call.created', 'call.ended']);
  expect([...receiver.paths]).toEqual(['/hook']);
});

test.concurrent('410 gives an event up; the next one of the call is told all the same', async () => {
  const [ana, ben] = await people();
  receiver.answerFor(ben, ({ type }) => (type === 'call.created' ? 410 : 204));
  const id = await briefCall(ana, ben);
  await receiver.got('call.ended', id);
  await emptied(id);
  expect(receiver.typesOf(id)).toEqual(['call.created', 'call.ended']);
});

test.concurrent('a receiver that asks for time by Retry-After gets it', async () => {
  const [ana, ben] = await people();
  receiver.answerFor(ben, (_, n) => (n > 1 ? 204 : (response) => response.writeHead(503, { 'retry-after': '300' }).end()));
  const id = await briefCall(ana, ben);
  const due = "SELECT 1 FROM webhook_outbox WHERE call_id = $1 AND next_try_at > now() + interval '290 s'";
  await until('the wait', async () => (await runSql(here.databaseUrl, due, [id])).length > 0);
  await runSql(here.databaseUrl, 'UPDATE webhook_outbox SET next_try_at = now() WHERE call_id = $1', [id]);
  await receiver.got('call.ended', id);
});

test.concurrent('a receiver that does not answer within ten seconds has not accepted', { timeout: 30_000 }, async () => {
  const [ana, ben] = await people();
  const triedAt: number[] = [];
  receiver.answerFor(ben, (_, n) => {
    triedAt.push(performance.now());
    return n > 1 ? 204 : () => undefined;
  });
  const id = await briefCall(ana, ben);
  await receiver.got('call.ended', id, 20_000);
  expect(triedAt[1]! - triedAt[0]!).toBeGreaterThan(10_000);
  expect(triedAt[1]! - triedAt[0]!).toBeLessThan(14_000);
});

test.concurrent('an answer that never ends is cut off, and counts by its status', async () => {
  const [ana, ben] = await people();
  receiver.answerFor(ben, () => (response) => {
    response.writeHead(200);
    const more = (): void => void (response.writable && response.write('x'.repeat(65_536), () => setImmediate(more)));
    more();
  });
  const id = await briefCall(ana, ben);
  await receiver.got('call.ended', id);
  await emptied(id);
  expect(receiver.typesOf(id)).toEqual(['call.created', 'call.ended']);
});

test.concurrent('two nodes tell each event once, those of a call in order, while both look for them', { timeout: 60_000 }, async () => {
  const pairs = await Promise.all(Array.from({ length: 15 }, () => people()));
  for (const [, ben] of pairs) {
    receiver.answerFor(ben, () => (response) => setTimeout(() => response.writeHead(204).end(), 5 + Math.random() * 40));
  }
  const ids = await Promise.all(
    pairs.map(async ([ana, ben], n) => {
      const calls: string[] = [];
      for (let round = 0; round < 4; round += 1) {
        const [caller, callee] = (n + round) % 2 === 0 ? [ana, ben.at(there)] : [ana.at(there), ben];
        const { id } = await caller.ring(callee);
        await callee.accept(id);
        await caller.end(id);
        calls.push(id);
      }
      return calls;
    }),
  );
  for (const id of ids.flat()) {
    await receiver.got('call.ended', id, 30_000);
    expect(receiver.typesOf(id)).toEqual(['call.created', 'call.answered', 'call.ended']);
  }
  await until('the outbox to be empty', async () => (await Promise.all(ids.flat().map((id) => rowsOf(id)))).flat().length === 0);
});

test.concurrent('an event that nobody accepts for a day is given up, and the call goes on behind it', async () => {
  const [ana, ben] = await people();
  receiver.answerFor(ben, ({ type }) => (type === 'call.created' ? 500 : 204));
  const id = await briefCall(ana, ben);
  await until('a try', () => receiver.of(id).length > 0);
  const age = (interval: string) =>
    runSql(
      here.databaseUrl,
      `UPDATE webhook_outbox SET happened_at = now() - interval '${interval}' WHERE call_id = $1 AND kind = 'CREATED'`,
      [id],
    );
  await age('23 hours 59 minutes');
  const tries = () => receiver.typesOf(id).filter((type) => type === 'call.created').length;
  const before = tries();
  await until('another try', () => tries() > before, { withinMs: 10_000 });
  await age('24 hours');
  await receiver.got('call.ended', id, 35_000);
  await emptied(id);
});

test('what waited for more than a day while nobody sent is never told', async () => {
  const own = await receiverForTest();
  const first = await startServer(own.environment);
  const [ana, ben] = await people(first);
  own.answerFor(ben, () => 500);
  const id = await briefCall(ana, ben);
  await until('a try', () => own.heard.length > 0);
  await first.stop();
  const tries = own.heard.length;
  await runSql(
    first.databaseUrl,
    "UPDATE webhook_outbox SET happened_at = now() - interval '25 hours', next_try_at = now() - interval '1 hour'",
  );
  const second = await startServerForTest({ ...own.environment, DATABASE_URL: first.databaseUrl });
  await emptied(id, second);
  expect(own.heard).toHaveLength(tries);
});

test('what happens on a node is told by it at once, not at its next look', async () => {
  const own = await receiverForTest();
  const server = await startServerForTest(own.environment);
  const [ana, ben] = await people(server);
  const tookMs: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    const { id } = await ana.ring(ben);
    const madeAt = performance.now();
    await own.got('call.created', id);
    tookMs.push(performance.now() - madeAt);
    await ana.end(id);
    await own.got('call.ended', id);
  }
  // The look that follows would come a second later.
  expect(tookMs.toSorted((a, b) => a - b)[4]).toBeLessThan(500);
});

test('what is under way when a server stops is broken off, and told by the next one under the same id', async () => {
  const own = await receiverForTest();
  const first = await startServer(own.environment);
  const [ana, ben] = await people(first);
  own.answerFor(ben, (_, n) => (n > 1 ? 204 : () => undefined));
  const id = await briefCall(ana, ben);
  await until('the try', () => own.heard.length === 1);
  const stoppedAt = performance.now();
  await first.stop();
  expect(performance.now() - stoppedAt).toBeLessThan(5_000);
  await until('the end of the try', () => own.open === 0);
  const second = await startServerForTest({ ...own.environment, DATABASE_URL: first.databaseUrl });
  await own.got('call.ended', id);
  await emptied(id, second);
  expect(own.typesOf(id)).toEqual(['call.created', 'call.created', 'call.ended']);
  expect(own.heard[1]?.id).toBe(own.heard[0]?.id);
});

test('what a killed node had under way is told by another one when the lease ends, not before; its log holds no secret and no body', async () => {
  const own = await receiverForTest();
  const environment = { ...own.environment, WEBHOOK_URL: `${own.url}?key=in-the-url`, LOG_LEVEL: 'trace' };
  const gone = await ServerProcess.start({ environment, keepsAll: true });
  onTestFinished(() => gone.kill());
  const [ana, ben] = await Promise.all([signUp(gone, 'ana'), signUp(gone, 'ben')]);
  own.answerFor(ben, (_, n) => (n === 1 ? 500 : n === 2 ? () => undefined : 204));
  const { id } = await ana.ring(ben);
  await until('the second try', () => own.heard.length === 2);
  await gone.kill();
  expect(gone.output).toContain('a webhook was not accepted');
  for (const secret of [webhookSecret, webhookSecret.slice(6), 'in-the-url', ana.userId, ben.userId, 'v1,']) {
    expect(gone.output).not.toContain(secret);
  }

  const other = await startServerForTest({ ...own.environment, DATABASE_URL: gone.databaseUrl });
  const cleo = await signUp(other, 'cleo');
  await own.got('call.ended', await briefCall(cleo, await signUp(other, 'dora')));
  expect(own.of(id)).toHaveLength(2);
  const lease =
    "SELECT extract(epoch FROM next_try_at - now())::float8 AS seconds FROM webhook_outbox WHERE call_id = $1 AND kind = 'CREATED'";
  const [left] = await runSql<{ seconds: number }>(gone.databaseUrl, lease, [id]);
  expect(left?.seconds).toBeGreaterThan(5);
  expect(left?.seconds).toBeLessThan(30);
  await runSql(gone.databaseUrl, "UPDATE webhook_outbox SET next_try_at = next_try_at - interval '30 s' WHERE call_id = $1", [id]);
  await until('the third try', () => own.of(id).length === 3);
  expect(new Set(own.of(id).map((heard) => heard.id)).size).toBe(1);
  await emptied(id, other);
});

test('a slow receiver has at most sixteen tries of a node at once', async () => {
  const own = await receiverForTest();
  const server = await startServerForTest(own.environment);
  const held: (() => void)[] = [];
  const pairs = await Promise.all(Array.from({ length: 24 }, () => people(server)));
  for (const [, ben] of pairs) own.answerFor(ben, () => (response) => void held.push(() => response.writeHead(204).end()));
  const calls = await Promise.all(pairs.map(([ana, ben]) => ana.ring(ben)));
  await until('sixteen', () => held.length === 16);
  await until('a look for more', async () => (await metric(server, 'webhooks_waiting')) === 24);
  while (own.heard.length < 24 || held.length > 0) {
    held.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(calls.map(({ id }) => emptied(id, server)));
  expect(own.mostOpen).toBe(16);
  expect(own.connections).toBeLessThanOrEqual(16);
});

test('/metrics counts tries by their outcome, and shows how many wait', async () => {
  const own = await receiverForTest();
  const server = await startServerForTest(own.environment);
  const [ana, ben] = await people(server);
  const [cleo, dora] = await people(server);
  own.answerFor(ben, ({ type }) => (type === 'call.created' ? 410 : 204));
  own.answerFor(dora, () => (response) => response.writeHead(500, { 'retry-after': '600' }).end());
  await briefCall(ana, ben);
  const id = await briefCall(cleo, dora);
  const counted = async () => ({
    accepted: await metric(server, 'webhooks_total{outcome="accepted"}'),
    failed: await metric(server, 'webhooks_total{outcome="failed"}'),
    gone: await metric(server, 'webhooks_total{outcome="gone"}'),
    expired: await metric(server, 'webhooks_total{outcome="expired"}'),
    waiting: await metric(server, 'webhooks_waiting'),
  });
  await until('all to be tried', async () => (await counted()).failed === 1 && (await counted()).waiting === 2);
  expect(await counted()).toEqual({ accepted: 1, failed: 1, gone: 1, expired: 0, waiting: 2 });
  await runSql(server.databaseUrl, "UPDATE webhook_outbox SET happened_at = now() - interval '24 hours' WHERE call_id = $1", [id]);
  await until('both to be given up', async () => (await counted()).expired === 2);
  expect(await metric(server, 'webhooks_waiting')).toBe(0);
});

test('while a receiver changes from one secret to the next, it finds the signature of either', async () => {
  const own = await receiverForTest();
  const next = `whsec_${Buffer.from('the secret that comes after it, 34').toString('base64')}`;
  const server = await startServerForTest({ ...own.environment, WEBHOOK_SECRET: `${next}, ${webhookSecret}` });
  const [ana, ben] = await people(server);
  const heard = await own.got('call.created', await briefCall(ana, ben));
  expect(heard.headers['webhook-signature']?.split(' ')).toHaveLength(2);
  for (const secret of [webhookSecret, next])
    expect(new Webhook(secret).verify(heard.raw, heard.headers)).toMatchObject({ type: 'call.created' });
});

test.for(['http', 'https'])('a host name of this machine is not connected to over %s, unless that is allowed', async (scheme) => {
  let connections = 0;
  const listener = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined).end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n');
  });
  listener.listen(0, 'localhost');
  await once(listener, 'listening');
  onTestFinished(() => void listener.close());
  const url = `${scheme}://localhost:${(listener.address() as AddressInfo).port}/`;
  const post = async (allowPrivate: boolean) => {
    const endpoint = new WebhookEndpoint({ url, allowPrivate, mostConnections: 1 });
    return endpoint.post('{}', {}, AbortSignal.timeout(5_000)).finally(() => endpoint.close());
  };
  await expect(post(false)).rejects.toMatchObject({ code: 'ERR_PRIVATE_ADDRESS' });
  expect(connections).toBe(0);
  if (scheme === 'http') expect(await post(true)).toMatchObject({ status: 204 });
  else await expect(post(true)).rejects.not.toMatchObject({ code: 'ERR_PRIVATE_ADDRESS' });
  expect(connections).toBe(1);
});

test('a server whose WEBHOOK_URL leads to this machine serves, and tells nobody', async () => {
  const own = await receiverForTest();
  const server = await startServerForTest({
    ...own.environment,
    WEBHOOK_URL: `http://localhost:${own.port}/hook`,
    WEBHOOK_ALLOW_PRIVATE: 'off',
  });
  const [ana, ben] = await people(server);
  const id = await briefCall(ana, ben);
  await until('two tries', async () => ((await rowsOf(id, server))[0]?.tries ?? 0) >= 2);
  expect(own.connections).toBe(0);
  expect((await rowsOf(id, server)).map(({ kind }) => kind)).toEqual(['CREATED', 'ENDED']);
});

test('the receiver of docs/webhooks.md compiles as it stands, and hears of a call', async () => {
  const file = await compiledFile(await codeOf('docs/webhooks.md'));
  const port = String(await freePort(['127.0.0.1']));
  const program = spawn(process.execPath, [file], {
    env: { PORT: port, WEBHOOK_SECRET: webhookSecret },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void program.kill());
  let output = '';
  program.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const environment = { ...receiver.environment, WEBHOOK_URL: `http://127.0.0.1:${port}/` };
  const url = environment.WEBHOOK_URL;
  await until('the receiver', () =>
    fetch(url, { method: 'POST', body: 'unsigned' }).then(
      ({ status }) => status === 401,
      () => false,
    ),
  );
  await expect(fetch(url, { method: 'POST', body: 'x'.repeat(1_000_000) }).then(({ status }) => status)).resolves.toBe(401);
  // Hangs up in the middle of its body.
  const rude = connect(Number(port), '127.0.0.1').on('error', () => undefined);
  await new Promise((resolve) => rude.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{', resolve));
  rude.destroy();

  const [ana, ben] = await people(await startServerForTest(environment));
  const id = await briefCall(ana, ben);
  await until('the end', () => output.includes('call.ended'), { withinMs: 10_000 });
  expect(output).toBe(`call.created ${id}\ncall.ended ${id}\n`);
});

test('a proxy of the environment is not used', async () => {
  const own = await receiverForTest();
  const proxy = createServer((socket) => void socket.on('error', () => undefined).destroy());
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  let asked = 0;
  proxy.on('connection', () => (asked += 1));
  const through = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const environment = { ...own.environment, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: through, http_proxy: through, NO_PROXY: '' };
  const server = await ServerProcess.start({ environment });
  onTestFinished(() => server.kill());
  const [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  await own.got('call.ended', await briefCall(ana, ben));
  expect(asked).toBe(0);
});
