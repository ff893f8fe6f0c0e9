import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp, twoInACall, type Device } from './support/device.js';
import { RawSocket } from './support/raw-socket.js';
import { startServer, type TestServer } from './support/server.js';
import { ask, transports } from './support/transports.js';

// An operation that comes again runs by a compiled plan: it has to mean what it meant the first time.

let server: TestServer;
let ana: Device;
let ben: Device;
let ids: string[];
beforeAll(async () => {
  server = await startServer();
  [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  ids = [];
  for (let n = 0; n < 3; n += 1) {
    const { id } = await ana.ring(ben);
    await ana.end(id);
    ids.push(id);
  }
});
afterAll(() => server.stop());

const page = '{ edges { node { id direction } } pageInfo { hasNextPage } }';
const operations: [query: string, variables: Record<string, unknown>][] = [
  [`{ calls(first: 1) ${page} }`, {}],
  [`{ calls(first: 2, filter: { direction: OUTGOING, missed: null }) ${page} }`, {}],
  [`{ calls(filter: { missed: true }) ${page} }`, {}],
  [`query ($n: Int) { calls(first: $n) ${page} }`, { n: 1 }],
  [`query ($n: Int) { calls(first: $n) ${page} }`, { n: null }],
  [`query ($n: Int) { calls(first: $n) ${page} }`, {}],
  [`query ($n: Int = 2) { calls(first: $n) ${page} }`, {}],
  [`query ($n: Int = 2) { calls(first: $n) ${page} }`, { n: 0 }],
  [`query ($first: Int) { calls(first: 1, filter: { direction: INCOMING }) ${page} again: calls(first: $first) ${page} }`, { first: 2 }],
  [
    `query ($d: CallDirection, $f: CallFilter) { a: calls(filter: { direction: $d }) ${page} b: calls(filter: $f) ${page} }`,
    { d: 'INCOMING', f: { missed: false } },
  ],
  [`query ($a: String) { calls(after: $a) ${page} }`, { a: 'no cursor' }],
  ['query ($a: ID!, $b: ID!) { a: call(id: $a) { id } b: call(id: $b) { id } }', { a: 'x', b: 'y' }],
  ['query ($id: ID!) { call(id: $id) { id } }', { id: 5 }],
  ['query ($id: ID!) { call(id: $id) { id } }', {}],
  ['query ($id: ID!) { call(id: $id) { id } }', { id: null }],
  ['query ($id: ID!) { call(id: $id) { id } }', { id: ['x'] }],
  ['query ($s: String!) { users(search: $s, first: 1) { username } }', { s: 'ana' }],
  ['mutation { endCall(id: "x", reason: BUSY) { id } }', {}],
  ['mutation ($r: EndReason) { endCall(id: "x", reason: $r) { id } }', { r: 'TERMINATED' }],
  ['mutation ($r: EndReason) { endCall(id: "x", reason: $r) { id } }', { r: 'BORED' }],
  ['mutation ($i: CreateCallInput!) { createCall(input: $i) { id } }', { i: { calleeId: 'x', ringSeconds: 4 } }],
  ['mutation ($i: CreateCallInput!) { createCall(input: $i) { id } }', { i: { ringSeconds: 4 } }],
  ['mutation ($i: CreateCallInput!) { createCall(input: $i) { id } }', { i: { calleeId: 'x', loud: true } }],
  ['mutation ($i: CreateCallInput!) { createCall(input: $i) { id } }', { i: [] }],
  ['mutation ($k: ID, $s: Int) { createCall(input: { calleeId: "x", key: $k, ringSeconds: $s }) { id } }', { k: '', s: null }],
  ['query A { me { id } } query B { devices { name } }', {}],
];

test.for(operations)(
  'an operation means again and again, over both transports, what it means the first time: %s %j',
  async ([text, variables]) => {
    // What was asked before has a plan, and this is about the first time.
    const query = `${text} # ${operations.findIndex((it) => it[0] === text && it[1] === variables)}`;
    const meaning = ({ data, errors }: Awaited<ReturnType<typeof ask>>) => ({
      data: data ?? null,
      errors: errors?.map(({ path, extensions }) => ({ path, extensions })),
    });
    const expected = meaning(await ask('HTTP', server, ana.token, query, variables));
    const socket = await RawSocket.connect(server.webSocketUrl, ana.token);
    for (let time = 0; time < 4; time += 1) {
      expect(meaning(await socket.ask(query, variables))).toEqual(expected);
      expect(meaning(await ask('HTTP', server, ana.token, query, variables))).toEqual(expected);
    }
    socket.terminate();
  },
);

test.for(transports)('over %s no mutation is made behind one that fails, however often they are asked together', async (transport) => {
  const dora = await signUp(server);
  const name = async () => (await ask(transport, server, dora.token, '{ me { displayName } }')).data;
  const before = await name();
  const query = `mutation { first: endCall(id: "x") { id } second: updateProfile(displayName: "changed over ${transport}") { id } }`;
  for (let time = 0; time < 4; time += 1) {
    const { data, errors } = await ask(transport, server, dora.token, query);
    expect({ data, paths: errors?.map(({ path }) => path) }).toEqual({ data: null, paths: [['first']] });
  }
  expect(await name()).toEqual(before);
});

test('what is left out of a call has its default, again and again', async () => {
  const [cleo, dora] = await Promise.all([signUp(server), signUp(server)]);
  const socket = await RawSocket.connect(server.webSocketUrl, cleo.token);
  const fields = '{ id media metadata createdAt ringExpiresAt }';
  for (const [query, variables] of [
    [`mutation ($i: CreateCallInput!) { createCall(input: $i) ${fields} }`, { i: { calleeId: dora.userId } }],
    [
      `mutation ($i: CreateCallInput!) { createCall(input: $i) ${fields} }`,
      { i: { calleeId: dora.userId, media: null, ringSeconds: null } },
    ],
    [
      `mutation ($to: ID!, $m: CallMedia, $s: Int) { createCall(input: { calleeId: $to, media: $m, ringSeconds: $s }) ${fields} }`,
      { to: dora.userId },
    ],
  ] as const) {
    for (let time = 0; time < 4; time += 1) {
      const { data } = await socket.ask(query, variables);
      const call = data?.['createCall'] as Record<'id' | 'media' | 'metadata' | 'createdAt' | 'ringExpiresAt', string>;
      expect(call).toMatchObject({ media: 'VIDEO', metadata: null });
      expect(Date.parse(call.ringExpiresAt) - Date.parse(call.createdAt)).toBe(60_000);
      await cleo.end(call.id);
    }
  }
  socket.terminate();
});

test('a cursor counts however the subscription is written, also where the same text comes again', async () => {
  const parties = await twoInACall(server);
  const after = parties.ben.lastCursor ?? '';
  await parties.ana.send(parties.callId, 'CUSTOM', 'missed');
  const selection = '{ __typename cursor ... on Ready { recovered } ... on SignalReceived { payload } }';
  const socket = await RawSocket.connect(server.webSocketUrl, parties.ben.token);
  const ways: [query: string, variables: Record<string, unknown>, name: string][] = [
    [`subscription ($after: ID) { inbox(after: $after) ${selection} }`, { after }, 'inbox'],
    [`subscription ($since: ID) { inbox(after: $since) ${selection} }`, { since: after }, 'inbox'],
    [`subscription { inbox(after: "${after}") ${selection} }`, {}, 'inbox'],
    [`subscription { mine: inbox(after: "${after}") ${selection} }`, {}, 'mine'],
    [`subscription ($after: ID = "${after}") { inbox(after: $after) ${selection} }`, {}, 'inbox'],
  ];
  for (const [query, variables, name] of ways) {
    for (let time = 0; time < 4; time += 1) {
      const id = `${ways.findIndex(([text]) => text === query)}.${time}`;
      expect(await socket.ask(query, variables, id)).toEqual({ data: { [name]: { __typename: 'Ready', cursor: after, recovered: true } } });
      await parties.ben.received('missed');
      await socket.send({ id, type: 'complete' });
    }
  }
  socket.terminate();
});

test('a subscription that comes again gives every event once and in order, and ends when it is told to', async () => {
  const parties = await twoInACall(server);
  const socket = await RawSocket.connect(server.webSocketUrl, parties.ben.token);
  const query = 'subscription { inbox { ... on SignalReceived { payload } } }';
  for (let time = 0; time < 3; time += 1) {
    const id = `s${time}`;
    await socket.ask(query, {}, id);
    const payloads = Array.from({ length: 20 }, (_, n) => `${time} ${n}`);
    for (const payload of payloads) await parties.ana.send(parties.callId, 'CUSTOM', payload);
    await parties.ben.received(payloads.at(-1) ?? '');
    await socket.ask('{ me { id } }');
    await socket.send({ id, type: 'complete' });
    const received = socket.frames.filter((frame) => frame.id === id && frame.text.includes(`"${time} `));
    expect(received.map(({ payload }) => payload)).toEqual(payloads.map((payload) => ({ data: { inbox: { payload } } })));
  }
  socket.terminate();
});
