import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IceServersQuery } from '../src/client/gql/graphql.js';
import { iceServersOperation, refreshSessionOperation } from '../src/client/operations.js';
import { run } from './support/api.js';
import { runSql } from './support/database.js';
import { signUp, type Device } from './support/device.js';
import { ServerProcess } from './support/server-process.js';
import { RawSocket } from './support/raw-socket.js';
import { ask, transports, type Transport } from './support/transports.js';
import { until } from './support/until.js';

const turnSecret = randomBytes(32).toString('hex');
let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start({
    keepsAll: true,
    environment: {
      LOG_LEVEL: 'trace',
      JWT_SECRET: '0f8c1d9ab24e67d35c90b1f2a7e48d6c',
      TURN_URLS: 'turn:turn.example.org',
      TURN_SECRET: turnSecret,
      LIMIT_LOGINS_PER_MINUTE: '0',
      LIMIT_REQUESTS_PER_MINUTE: '0',
      LIMIT_CALLS_PER_MINUTE: '0',
      LIMIT_CALLS_PER_PAIR_PER_MINUTE: '0',
    },
  });
});
afterAll(async () => {
  await server.stop();
});

const canaries: string[] = [];
/** Something that must not turn up anywhere, unlike anything else. */
function canary(what: string): string {
  const text = `${what}-${randomBytes(12).toString('hex')}`;
  canaries.push(text);
  return text;
}

const answers: string[] = [];
/** Asks what is going to be refused, or answered without repeating what was sent, and keeps the answer. */
async function plant(transport: Transport, token: string | null, query: string, variables: object = {}): Promise<string> {
  const text = JSON.stringify(await ask(transport, server, token, query, variables));
  answers.push(text);
  return text;
}

function expectNoCanary(): void {
  expect(canaries.length).toBeGreaterThan(0);
  const printed = server.output;
  for (const text of canaries) {
    expect(answers.filter((answer) => answer.includes(text))).toEqual([]);
    expect(printed.includes(text) ? text : null).toBeNull();
  }
}

const login = 'mutation ($input: LoginInput!) { login(input: $input) { expiresAt } }';
const register = 'mutation ($input: RegisterInput!) { register(input: $input) { user { username } } }';
const send = 'mutation ($input: SendSignalInput!) { sendSignal(input: $input) { id } }';

test.for(transports)('over %s passwords and tokens turn up in no log line and no answer', async (transport) => {
  const username = `leak-${transport}`.toLowerCase();
  const password = canary('password');
  await plant(transport, null, register, { input: { username, password } });
  await plant(transport, null, register, { input: { username, password: canary('password') } });
  await plant(transport, null, register, { input: { username: 'x', password: canary('password') } });
  await plant(transport, null, login, { input: { username, password } });
  await plant(transport, null, login, { input: { username, password: canary('password') } });
  await plant(transport, null, login, { input: { username, password: { wrong: canary('password') } } });
  await plant(transport, null, login, { input: { username, password, deviceName: [canary('password')] } });
  await plant(transport, null, `mutation { login(input: { username: "a", password: "${canary('password')}" }) { expiresAt } }`);
  await plant(transport, null, `mutation { login(input: { username: "a" "${canary('password')}" }) { expiresAt } }`);
  await plant(transport, null, `mutation { login(input: { username: "a", password: ["${canary('password')}"] }) { expiresAt } }`);
  await plant(transport, null, `mutation { refreshSession(refreshToken: "${canary('refresh')}") { expiresAt } }`);
  const device = await signUp(server);
  canaries.push(device.token, device.session.refreshToken);
  const { refreshSession } = await run(server.url, null, refreshSessionOperation, { refreshToken: device.session.refreshToken });
  canaries.push(refreshSession.accessToken, refreshSession.refreshToken);
  await plant(transport, refreshSession.accessToken, '{ me { id } devices { id } }');
  await plant(
    transport,
    refreshSession.accessToken,
    `mutation { changePassword(current: "${canary('password')}", next: "${canary('password')}") { expiresAt } }`,
  );
  expectNoCanary();
});

test('a token that is not good turns up in no log line, answer or close reason', async () => {
  for (const token of [canary('token'), `${canary('e30')}.${canary('e30')}.${canary('e30')}`]) {
    await plant('HTTP', token, '{ me { id } }');
    const socket = new RawSocket(server.webSocketUrl);
    await socket.send({ type: 'connection_init', payload: { Authorization: `Bearer ${token}` } });
    answers.push((await socket.closed).reason);
    const inAddress = await fetch(`${server.url}?access_token=${token}`, {
      headers: { cookie: `token=${token}`, referer: `http://x/${token}` },
    });
    answers.push(await inAddress.text());
  }
  expectNoCanary();
});

test.for(transports)(
  'over %s an SDP, a candidate, metadata and a detail turn up in no log line, and in no answer to who sent them',
  async (transport) => {
    const [ana, ben] = await Promise.all([signUp(server), signUp(server)]);
    const { id: callId } = await ana.ring(ben, { metadata: canary('metadata') });
    const signals: [Device, string][] = [
      [ana, 'OFFER'],
      [ben, 'ANSWER'],
      [ana, 'ICE_CANDIDATE'],
      [ben, 'CUSTOM'],
    ];
    for (const [device, kind] of signals) {
      const payload = `v=0 a=ice-pwd:${canary('sdp')} candidate:1 ${canary('candidate')}`;
      await plant(transport, device.token, send, { input: { callId, kind, payload, key: canary('key') } });
      await plant(transport, device.token, send, { input: { callId, kind, payload: `${canary('sdp')}\0` } });
      await plant(transport, device.token, send, { input: { callId, kind, payload: [canary('sdp')] } });
      await plant(transport, device.token, send, { input: { callId: canary('call'), kind, payload: canary('sdp') } });
      await plant(transport, device.token, send, { input: { callId, kind: canary('kind'), payload: canary('sdp') } });
    }
    await plant(transport, ana.token, `mutation { endCall(id: "${callId}", detail: "${canary('detail')}") { id } }`);
    await plant(transport, ben.token, `{ inbox(after: "${canary('cursor')}") { cursor } }`);
    expectNoCanary();
  },
);

test.for(transports)(
  'over %s a TURN credential turns up in no log line, and the secret behind it in no answer either',
  async (transport) => {
    const { token } = await signUp(server);
    const { data } = await ask(transport, server, token, String(iceServersOperation));
    const [turn] = (data as IceServersQuery).iceServers.servers;
    canaries.push(turnSecret, turn!.credential!);
    expect(JSON.stringify(data)).not.toContain(turnSecret);
    await plant(transport, token, '{ iceServers { servers { urls } expiresAt } }');
    await plant(transport, token, '{ iceServers { servers { credential secret } } }');
    await plant(transport, null, String(iceServersOperation));
    expectNoCanary();
  },
);

test('what cannot be read at all turns up in no log line, answer or close reason', async () => {
  for (const body of [
    `{"password":"${canary('body')}"`,
    canary('body'),
    `[${JSON.stringify(canary('body'))}]`,
    JSON.stringify({ query: canary('body').replace('-', '"') }),
  ]) {
    const response = await fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    answers.push(await response.text());
    const socket = await RawSocket.connect(server.webSocketUrl);
    await socket.send(body);
    answers.push((await socket.closed).reason, ...socket.frames.map(({ text }) => text));
  }
  expectNoCanary();
});

test('where the database is held up the answer is UNAVAILABLE, within two seconds and without a word of why', async () => {
  const [ana, ben] = await Promise.all([signUp(server), signUp(server)]);
  const { id: callId } = await ana.ring(ben);
  const held = runSql(server.databaseUrl, 'DO $$ BEGIN LOCK TABLE inbox_head; PERFORM pg_sleep(3); END $$');
  await until(
    'the lock',
    async () =>
      (
        await runSql(
          server.databaseUrl,
          "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'inbox_head'::regclass AND granted",
        )
      ).length > 0,
  );
  const startedAt = performance.now();
  const answered = await Promise.all([
    plant('HTTP', ana.token, send, { input: { callId, kind: 'OFFER', payload: canary('sdp') } }),
    plant('WebSocket', ben.token, 'mutation ($id: ID!, $detail: String) { endCall(id: $id, detail: $detail) { id } }', {
      id: callId,
      detail: canary('detail'),
    }),
  ]);
  expect(performance.now() - startedAt).toBeLessThan(2_500);
  for (const answer of answered) expect(answer).toContain('"code":"UNAVAILABLE"');
  for (const answer of answered) expect(answer).not.toMatch(/lock|timeout|inbox_head|statement|postgres/i);
  await held;
  expectNoCanary();
});

test('where the database is broken the answer is INTERNAL, without SQL or the text of the exception', async () => {
  const [ana, ben] = await Promise.all([signUp(server), signUp(server)]);
  const { id: callId } = await ana.ring(ben);
  await runSql(server.databaseUrl, 'DROP TABLE call_timeline, call_key CASCADE');
  // An exception whose text has in it what the user sent.
  await runSql(
    server.databaseUrl,
    "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this relation: %', NEW.username; END $$",
  );
  await runSql(server.databaseUrl, 'CREATE TRIGGER tell BEFORE INSERT ON account FOR EACH ROW EXECUTE FUNCTION tell()');
  for (const transport of transports) {
    const answered = [
      await plant(transport, ana.token, send, { input: { callId, kind: 'OFFER', payload: canary('sdp') } }),
      await plant(transport, ben.token, send, { input: { callId, kind: 'ANSWER', payload: canary('sdp') } }),
      await plant(transport, ana.token, `{ call(id: "${callId}") { timeline { kind } } }`),
      await plant(transport, null, register, { input: { username: canary('name'), password: canary('password') } }),
      await plant(
        transport,
        ana.token,
        `mutation { createCall(input: { calleeId: "${ben.userId}", key: "k", metadata: "${canary('metadata')}" }) { id } }`,
      ),
    ];
    for (const answer of answered) {
      expect(answer).toContain('"code":"INTERNAL"');
      expect(answer).not.toMatch(/call_timeline|call_key|relation|does not exist|select|insert|function/i);
    }
  }
  expectNoCanary();
});

test('it was a log worth searching, and the server ends well', async () => {
  expect(server.output).toMatch(/"level":20,/);
  expect(server.output).toContain('an operation failed unexpectedly');
  expect(await server.stop()).toMatchObject({ code: 0 });
  expectNoCanary();
});
