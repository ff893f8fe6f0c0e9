import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runSql } from './support/database.js';
import { signUp, type Device } from './support/device.js';
import { ServerProcess } from './support/server-process.js';
import { ask, transports, type Transport } from './support/transports.js';
import { until } from './support/until.js';

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start({
    keepsAll: true,
    environment: {
      LOG_LEVEL: 'trace',
      JWT_SECRET: '0f8c1d9ab24e67d35c90b1f2a7e48d6c',
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

const register = 'mutation ($input: RegisterInput!) { register(input: $input) { user { username } } }';
const send = 'mutation ($input: SendSignalInput!) { sendSignal(input: $input) { id } }';

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
  await runSql(server.databaseUrl, 'DROP TABLE call_timeline, call_timeline_signals, call_key CASCADE');
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
