import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { buildSchema, getNamedType, isInputObjectType, type GraphQLArgument, type GraphQLInputField } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp, twoInACall, type Device } from './support/device.js';
import { RawSocket } from './support/raw-socket.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
let calls: Record<'ringing' | 'active' | 'ended' | 'hidden', string>;
let eve: Device;
/** Has blocked the caller of the hidden call. */
let blocker: Device;
let party: Device;
let partysCursor: string;
beforeAll(async () => {
  server = await startServer();
  eve = await signUp(server, 'eve');
  const people = await Promise.all(['ana', 'ben', 'cleo', 'dora', 'fay', 'gus'].map((name) => signUp(server, name)));
  const [ana, ben, cleo, dora, fay, gus] = people as [Device, Device, Device, Device, Device, Device];
  const ringing = await ana.ring(ben);
  const ended = await cleo.ring(dora);
  await cleo.end(ended.id);
  await gus.block(fay);
  const hidden = await fay.ring(gus);
  const active = await twoInACall(server);
  calls = { ringing: ringing.id, active: active.callId, ended: ended.id, hidden: hidden.id };
  [blocker, party, partysCursor] = [gus, active.ana, (await active.ana.page()).cursor];
});
afterAll(() => server.stop());

const fields = 'id status caller { username } timeline { kind }';
interface Operation {
  readonly name: string;
  /** Where its id stands in the schema. */
  readonly place: string;
  readonly query: string;
  readonly more?: object;
}
const ofCalls: Operation[] = [
  { name: 'call', place: 'Query.call(id:)', query: `query ($id: ID!) { call(id: $id) { ${fields} } }` },
  { name: 'acceptCall', place: 'Mutation.acceptCall(id:)', query: `mutation ($id: ID!) { acceptCall(id: $id) { ${fields} } }` },
  { name: 'endCall', place: 'Mutation.endCall(id:)', query: `mutation ($id: ID!) { endCall(id: $id) { ${fields} } }` },
  {
    name: 'endCall with a reason',
    place: 'Mutation.endCall(id:)',
    query: `mutation ($id: ID!) { endCall(id: $id, reason: HUNG_UP, detail: "bye") { ${fields} } }`,
  },
  ...['OFFER', 'ANSWER', 'ICE_CANDIDATE', 'CUSTOM'].flatMap((kind): Operation[] => {
    const place = 'SendSignalInput.callId';
    const query = `mutation ($id: ID!, $key: ID) { sendSignal(input: { callId: $id, kind: ${kind}, payload: "p", key: $key }) { id delivery } }`;
    return [
      { name: `sendSignal of ${kind}`, place, query },
      { name: `sendSignal of ${kind} with a key`, place, query, more: { key: 'k' } },
    ];
  }),
  { name: 'markCallsSeen', place: 'Mutation.markCallsSeen(upTo:)', query: 'mutation ($id: ID!) { markCallsSeen(upTo: $id) }' },
];

type Ask = (viewer: Device, query: string, variables: object) => Promise<string>;

/** All that comes back but the time of day: status, headers, body. */
const overHttp: Ask = async ({ token }, query, variables) => {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const headers = [...response.headers].filter(([name]) => name !== 'date').map((header) => header.join(': '));
  return [response.status, ...headers, await response.text()].join('\n');
};

const sockets = new Map<Device, Promise<RawSocket>>();
let asked = 0;

const overSocket: Ask = async (viewer, query, variables) => {
  const opening = sockets.get(viewer) ?? RawSocket.connect(server.webSocketUrl, viewer.token);
  sockets.set(viewer, opening);
  const socket = await opening;
  const id = `asked-${String((asked += 1)).padStart(5, '0')}`;
  await socket.ask(query, variables, id);
  return (await until('the answer', () => socket.frames.find((frame) => frame.id === id))).text.replace(id, 'asked');
};
const ways = { HTTP: overHttp, 'the socket': overSocket };

test.for(ofCalls)(
  'a stranger, and who has blocked the caller, learn from $name nothing that a missing call would not tell, over HTTP and over the socket',
  async ({ query, more }) => {
    for (const ask of Object.values(ways)) {
      const missing = await ask(eve, query, { id: randomUUID(), ...more });
      expect(missing).toMatch(query.startsWith('query') ? /"call":null/ : /"code":"NOT_FOUND"/);
      const ids = [...Object.values(calls), calls.active.toUpperCase(), 'no-uuid', ''];
      const answers = await Promise.all(ids.map((id) => ask(eve, query, { id, ...more })));
      for (const answer of answers) expect(answer).toBe(missing);
      expect(await ask(blocker, query, { id: calls.hidden, ...more })).toBe(missing);
    }
  },
);

test.for(Object.entries(ways))(
  "over %s the id of somebody's device is no device, and that of one's own that was revoked is one",
  async ([, ask]) => {
    const revoke = 'mutation ($id: ID!) { revokeDevice(id: $id) }';
    const missing = await ask(eve, revoke, { id: randomUUID() });
    expect(missing).toContain('"code":"NOT_FOUND"');
    for (const id of [party.id, party.id.toUpperCase(), blocker.id, 'no-uuid', '']) expect(await ask(eve, revoke, { id })).toBe(missing);
    const { id } = await eve.another('tablet');
    for (let n = 0; n < 2; n += 1) expect(await ask(eve, revoke, { id })).toContain('"revokeDevice":true');
    expect(await party.call(calls.active)).toMatchObject({ status: 'ACTIVE' });
  },
);

test.for(Object.entries(ways))('over %s cursors and filters of others are as good as made-up ones', async ([, ask]) => {
  const page = 'query ($after: ID) { inbox(after: $after) { events { cursor } cursor recovered hasMore } }';
  expect(await ask(eve, page, { after: partysCursor })).toBe(await ask(eve, page, { after: `${'0'.repeat(15)}7${'0'.repeat(16)}` }));
  const history =
    'query ($after: String, $with: ID) { calls(after: $after, filter: { with: $with }) { edges { cursor } pageInfo { endCursor } } }';
  const behind = (callId: string): string => Buffer.from(`${Date.now() + 60_000}.${callId}`).toString('base64url');
  const nobodys = await ask(eve, history, { with: randomUUID() });
  expect(nobodys).toContain('"edges":[]');
  for (const variables of [{ with: party.userId }, { with: 'no-uuid' }, { after: behind(calls.active) }, { after: behind(randomUUID()) }])
    expect(await ask(eve, history, variables)).toBe(nobodys);
  const stream = 'subscription ($after: ID) { inbox(after: $after) { cursor ... on Ready { recovered activeCalls { id } } } }';
  expect(await overSocket(eve, stream, { after: partysCursor })).toBe(
    await overSocket(eve, stream, { after: `${'0'.repeat(15)}7${'0'.repeat(16)}` }),
  );
});

test('every id that can be given is one of those above, of a user, who is public, or of a key, which is the own', () => {
  const above = [
    ...ofCalls.map(({ place }) => place),
    'Mutation.revokeDevice(id:)',
    'Query.inbox(after:)',
    'Subscription.inbox(after:)',
    'CallFilter.with',
  ];
  const users = [
    'Query.user(id:)',
    'Mutation.blockUser(id:)',
    'Mutation.unblockUser(id:)',
    'CreateCallInput.calleeId',
    'Subscription.presence(userIds:)',
  ];
  const keys = ['CreateCallInput.key', 'SendSignalInput.key'];
  const schema = buildSchema(readFileSync('schema/schema.graphql', 'utf8'));
  const isId = ({ type }: GraphQLArgument | GraphQLInputField): boolean => getNamedType(type).name === 'ID';
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const args = roots.flatMap((root) =>
    Object.values(root?.getFields() ?? {}).flatMap((field) =>
      field.args.filter(isId).map((arg) => `${root?.name}.${field.name}(${arg.name}:)`),
    ),
  );
  const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType);
  const inside = inputs.flatMap((input) =>
    Object.values(input.getFields())
      .filter(isId)
      .map((field) => `${input.name}.${field.name}`),
  );
  expect([...args, ...inside].toSorted()).toEqual([...new Set([...above, ...users, ...keys])].toSorted());
});

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
