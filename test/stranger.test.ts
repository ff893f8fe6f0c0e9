import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp, twoInACall, type Device } from './support/device.js';
import { RawSocket } from './support/raw-socket.js';
import { startServer, type TestServer } from './support/server.js';

let server: TestServer;
let calls: Record<'ringing' | 'active' | 'ended', string>;
let eve: Device;
beforeAll(async () => {
  server = await startServer();
  eve = await signUp(server, 'eve');
  const [ana, ben, cleo, dora] = await Promise.all(['ana', 'ben', 'cleo', 'dora'].map((name) => signUp(server, name)));
  const ringing = await ana!.ring(ben!);
  const ended = await cleo!.ring(dora!);
  await cleo!.end(ended.id);
  calls = { ringing: ringing.id, active: (await twoInACall(server)).callId, ended: ended.id };
});
afterAll(() => server.stop());

const fields = 'id status caller { username } timeline { kind }';
const operations: [name: string, query: string, variables: object][] = [
  ['call', `query ($id: ID!) { call(id: $id) { ${fields} } }`, {}],
  ['acceptCall', `mutation ($id: ID!) { acceptCall(id: $id) { ${fields} } }`, {}],
  ['endCall', `mutation ($id: ID!) { endCall(id: $id) { ${fields} } }`, {}],
  ['endCall with a reason', `mutation ($id: ID!) { endCall(id: $id, reason: HUNG_UP, detail: "bye") { ${fields} } }`, {}],
  ...['OFFER', 'ANSWER', 'ICE_CANDIDATE', 'CUSTOM'].flatMap((kind): typeof operations => {
    const query = `mutation ($id: ID!, $key: ID) { sendSignal(input: { callId: $id, kind: ${kind}, payload: "p", key: $key }) { id delivery } }`;
    return [
      [`sendSignal of ${kind}`, query, {}],
      [`sendSignal of ${kind} with a key`, query, { key: 'k' }],
    ];
  }),
];

async function overHttp(query: string, variables: object): Promise<string> {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${eve.token}` },
    body: JSON.stringify({ query, variables }),
  });
  return `${response.status} ${await response.text()}`;
}

async function overSocket(query: string, variables: object): Promise<string> {
  const socket = await RawSocket.connect(server.webSocketUrl, eve.token);
  try {
    await socket.ask(query, variables, 'same');
    return socket.frames.map(({ text }) => text).join('\n');
  } finally {
    socket.terminate();
  }
}

test.for(operations)(
  'a stranger learns from %s nothing that a missing call would not tell, over HTTP and over the socket',
  async ([, query, more]) => {
    for (const ask of [overHttp, overSocket]) {
      const missing = await ask(query, { id: randomUUID(), ...more });
      expect(missing).toMatch(query.startsWith('query') ? /"call":null/ : /"code":"NOT_FOUND"/);
      for (const id of [...Object.values(calls), calls.active.toUpperCase(), 'no-uuid', '']) {
        expect(await ask(query, { id, ...more })).toBe(missing);
      }
    }
  },
);

test("a stranger's attempts change nothing and reach nobody", async () => {
  const { ana, ben, callId } = await twoInACall(server);
  const before = await ana.timeline(callId);
  await Promise.allSettled([
    eve.accept(callId),
    eve.end(callId, 'HUNG_UP'),
    eve.send(callId, 'CUSTOM', 'psst'),
    eve.send(callId, 'ANSWER', 'psst'),
  ]);
  await ana.send(callId, 'CUSTOM', 'behind it all');
  await ben.received('behind it all');
  expect(ben.signals).toHaveLength(1);
  expect(await ana.call(callId)).toMatchObject({ status: 'ACTIVE' });
  expect(await ana.timeline(callId)).toHaveLength(before.length + 1);
});

test('the histories, the inbox and the active calls of a stranger hold nothing of others', async () => {
  expect((await eve.history()).edges).toEqual([]);
  expect((await eve.history({ with: (await signUp(server)).userId })).edges).toEqual([]);
  expect(await eve.activeCalls()).toEqual([]);
  expect((await eve.page()).events).toEqual([]);
});
