import { readFileSync } from 'node:fs';
import { buildSchema, isInputObjectType } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { twoInACall, type Device } from './support/device.js';
import { RawSocket, type RawAnswer } from './support/raw-socket.js';
import { startServer, type TestServer } from './support/server.js';
import { ask, transports } from './support/transports.js';

let server: TestServer;
let ana: Device;
let ben: Device;
let callId: string;
beforeAll(async () => {
  server = await startServer();
  ({ ana, ben, callId } = await twoInACall(server));
});
afterAll(() => server.stop());

/** Of all arguments and inputs. None says who asks: who is named is somebody else, or has still to show a password or a token. */
const allNames = `
  calleeId userIds with id callId upTo after key
  username password current next refreshToken displayName deviceName
  input filter first search direction endReason missed
  media metadata ringSeconds reason detail kind payload`;

test('no argument and no input says who asks', () => {
  const schema = buildSchema(readFileSync('schema/schema.graphql', 'utf8'));
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const args = roots.flatMap((root) => Object.values(root?.getFields() ?? {}).flatMap((field) => field.args.map(({ name }) => name)));
  const inside = Object.values(schema.getTypeMap()).flatMap((type) => (isInputObjectType(type) ? Object.keys(type.getFields()) : []));
  expect([...new Set([...args, ...inside])].toSorted()).toEqual(allNames.trim().split(/\s+/).toSorted());
});

const claims = ['from', 'fromUserId', 'fromDeviceId', 'sender', 'userId', 'deviceId', 'callerId', 'callerDeviceId'];
test.for(transports)('over %s an operation that says who sends is refused, in its text and in its variables', async (transport) => {
  for (const claim of claims) {
    const texts = [
      `mutation { sendSignal(input: { callId: "${callId}", kind: CUSTOM, payload: "p", ${claim}: "${ana.userId}" }) { id } }`,
      `mutation { createCall(input: { calleeId: "${ben.userId}", ${claim}: "${ana.userId}" }) { id } }`,
      `mutation { endCall(id: "${callId}", ${claim}: "${ana.userId}") { id } }`,
      `{ me(${claim}: "${ana.userId}") { id } }`,
    ];
    for (const text of texts) expect(await ask(transport, server, ben.token, text)).toMatchObject(refused);
    const text = 'mutation ($input: SendSignalInput!) { sendSignal(input: $input) { id } }';
    const input = { callId, kind: 'CUSTOM', payload: 'p', [claim]: ana.userId };
    expect(await ask(transport, server, ben.token, text, { input })).toMatchObject(refused);
  }
  expect(ana.signals).toEqual([]);
});
const refused = { errors: [{ extensions: { code: 'BAD_QUERY' } }] };

/** As if it were Ana, in every place but the token's. */
function pretence(): Record<string, string> {
  const { userId, id, token } = ana;
  return { user: userId, userId, deviceId: id, sub: userId, did: id, token, access_token: token };
}

async function asBenOverHttp(query: string): Promise<RawAnswer> {
  const address = `${server.url}?${new URLSearchParams({ ...pretence(), authorization: ana.token }).toString()}`;
  const headers = Object.entries(pretence()).map(([name, value]) => [`x-${name.replace('_', '-')}`, value]);
  const response = await fetch(address, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...Object.fromEntries(headers),
      'x-forwarded-user': ana.userId,
      cookie: `token=${ana.token}; authorization=${ana.token}`,
      'proxy-authorization': `Bearer ${ana.token}`,
      authorization: `Bearer ${ben.token}`,
    },
    body: JSON.stringify({ query, variables: pretence(), extensions: { ...pretence(), authorization: ana.token }, ...pretence() }),
  });
  return (await response.json()) as RawAnswer;
}

async function overSocket(token: string | null, query: string): Promise<RawAnswer> {
  const socket = new RawSocket(`${server.webSocketUrl}?${new URLSearchParams(pretence()).toString()}`);
  const own = token === null ? {} : { Authorization: `Bearer ${token}` };
  await socket.send({ type: 'connection_init', payload: { ...pretence(), ...own }, ...pretence() });
  await socket.frame('connection_ack');
  const extensions = { ...pretence(), Authorization: `Bearer ${ana.token}` };
  await socket.send({ id: '1', type: 'subscribe', payload: { query, variables: pretence(), extensions, ...pretence() }, ...pretence() });
  const { payload } = await socket.frame('next', '1');
  socket.terminate();
  return payload as RawAnswer;
}

test('who asks is who the token says, whatever else a request says, and who has none is nobody', async () => {
  for (const asBen of [asBenOverHttp, (query: string) => overSocket(ben.token, query)]) {
    expect(await asBen('{ me { id } }')).toEqual({ data: { me: { id: ben.userId } } });
    const sent = await asBen(`mutation { sendSignal(input: { callId: "${callId}", kind: CUSTOM, payload: "who is this" }) { delivery } }`);
    expect(sent).toEqual({ data: { sendSignal: { delivery: 'LIVE' } } });
  }
  expect(await overSocket(null, '{ me { id } }')).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  await ana.send(callId, 'CUSTOM', 'the last of them');
  await ben.received('the last of them');
  expect(ana.signals).toMatchObject([1, 2].map(() => ({ payload: 'who is this', from: { id: ben.userId }, fromDeviceId: ben.id })));
});

test('a socket is nobody else for a second connection_init: it is closed with 4429', async () => {
  const socket = await RawSocket.connect(server.webSocketUrl, ben.token);
  await socket.send({ type: 'connection_init', payload: { Authorization: `Bearer ${ana.token}` } });
  expect(await socket.closed).toMatchObject({ code: 4429 });
});
