import { afterAll, beforeAll, expect, test } from 'vitest';
import { post } from './support/api.js';
import { runSql } from './support/database.js';
import { signUp, twoInACall, type Device } from './support/device.js';
import { RawSocket } from './support/raw-socket.js';
import { startServer, startServerForTest, type TestServer } from './support/server.js';
import { ask, transports } from './support/transports.js';

let server: TestServer;
let ana: Device;
beforeAll(async () => {
  server = await startServer();
  ana = await signUp(server);
});
afterAll(() => server.stop());

const wrong = [
  ['a syntax error', '{ me { id }', {}, 'BAD_QUERY'],
  ['an unknown field', '{ me { nickname } }', {}, 'BAD_QUERY'],
  ['an unknown argument', '{ me(id: 1) { id } }', {}, 'BAD_QUERY'],
  ['no operation at all', 'fragment F on User { id }', {}, 'BAD_QUERY'],
  ['two operations and no name', 'query A { me { id } } query B { me { id } }', {}, 'BAD_QUERY'],
  ['a variable that is missing', 'query ($id: ID!) { call(id: $id) { id } }', {}, 'BAD_QUERY'],
  ['a variable of a wrong type', 'query ($first: Int) { calls(first: $first) { edges { cursor } } }', { first: 'many' }, 'BAD_QUERY'],
  [
    'a variable that is too large for its type',
    'query ($first: Int) { calls(first: $first) { edges { cursor } } }',
    { first: 2 ** 40 },
    'BAD_QUERY',
  ],
  ['an enum value that does not exist', 'mutation { endCall(id: "x", reason: BORED) { id } }', {}, 'BAD_QUERY'],
  ['an input field that does not exist', 'mutation { createCall(input: { calleeId: "x", loud: true }) { id } }', {}, 'BAD_QUERY'],
  ['a refusal of a service', 'query { calls(first: 0) { edges { cursor } } }', {}, 'BAD_INPUT'],
  ['a wrong argument of a subscription', 'subscription ($after: ID) { inbox(after: $after) { cursor } }', { after: 'x' }, 'BAD_INPUT'],
] as const;

test.for(wrong.filter(([, query]) => !query.startsWith('subscription')))(
  'over HTTP %s is answered with a code',
  async ([, query, variables, code]) => {
    const { body } = await post(server.url, ana.token, query, variables);
    expect(body.errors?.map(({ extensions }) => extensions?.['code'])).toContain(code);
  },
);

test('over the socket each is answered for its own id, and the socket and its subscription live on', async () => {
  const { ana: caller, ben, callId } = await twoInACall(server);
  const socket = await RawSocket.connect(server.webSocketUrl, ben.token);
  await socket.send({ id: 'inbox', type: 'subscribe', payload: { query: 'subscription { inbox { __typename } }' } });
  await socket.frame('next', 'inbox');
  for (const [, query, variables, code] of wrong) {
    const { errors } = await socket.ask(query, variables);
    expect(errors?.map(({ extensions }) => extensions?.['code'])).toContain(code);
  }
  await caller.send(callId, 'CUSTOM', 'still there?');
  expect(await socket.ask('{ me { id } }')).toMatchObject({ data: { me: { id: ben.userId } } });
  await ben.received('still there?');
  expect(socket.frames.filter(({ type, id }) => type === 'error' && id === 'inbox')).toEqual([]);
  expect(socket.frames.filter(({ text }) => text.includes('SignalReceived'))).toHaveLength(1);
  socket.terminate();
});

test.for(transports)(
  'over %s an exception inside is INTERNAL without a word of it, and the next operation is answered',
  async (transport) => {
    const broken = await startServerForTest();
    const device = await signUp(broken);
    await runSql(broken.databaseUrl, 'ALTER TABLE call_timeline RENAME TO elsewhere');
    await runSql(broken.databaseUrl, 'ALTER TABLE live_call RENAME TO elsewhere_too');
    const answer = await ask(transport, broken, device.token, '{ activeCalls { id } }');
    expect(answer.errors).toEqual([
      {
        message: 'Something went wrong on the server.',
        locations: [{ line: 1, column: 3 }],
        path: ['activeCalls'],
        extensions: { code: 'INTERNAL' },
      },
    ]);
    expect(await ask(transport, broken, device.token, '{ me { id } }')).toMatchObject({ data: { me: { id: device.userId } } });
  },
);

test('a message over LIMIT_MESSAGE_BYTES closes the socket with 1009, one at the limit is read', async () => {
  const message = (bytes: number) => {
    const empty = JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ me { id } }', extensions: { x: '' } } });
    return empty.replace('"x":""', `"x":"${'x'.repeat(bytes - empty.length)}"`);
  };
  const socket = await RawSocket.connect(server.webSocketUrl, ana.token);
  await socket.send(message(262_144));
  await socket.frame('next', '1');
  await socket.send(message(262_145));
  expect(await socket.closed).toMatchObject({ code: 1009 });
});

async function postText(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ana.token}`, ...headers },
    body,
  });
  return { status: response.status, text: await response.text() };
}

test('an HTTP body over LIMIT_MESSAGE_BYTES is 413 with its limit, one at the limit is read', async () => {
  const body = (bytes: number) => {
    const empty = JSON.stringify({ query: '{ me { id } }', extensions: { x: '' } });
    return empty.replace('"x":""', `"x":"${'x'.repeat(bytes - empty.length)}"`);
  };
  expect(await postText(body(262_144))).toMatchObject({ status: 200, text: expect.stringContaining(ana.userId) });
  const { status, text } = await postText(body(262_145));
  expect(status).toBe(413);
  expect(JSON.parse(text)).toEqual({
    errors: [{ message: expect.any(String), extensions: { code: 'LIMIT_EXCEEDED', limit: 'LIMIT_MESSAGE_BYTES' } }],
  });
});

const canary = 'canary-7f3a';
test.for([
  ['broken JSON', `{"query":"mutation { login }","variables":{"password":"${canary}"`, {}],
  ['a string', `"${canary}"`, {}],
  ['a number', '5', {}],
  ['nothing', '', {}],
  ['an empty object', '{}', {}],
  ['a list of operations', `[{"query":"{ ${canary.replace('-', '')} }"}]`, {}],
  ['a query that is no text', `{"query":{"a":"${canary}"}}`, {}],
  ['variables that are no object', `{"query":"{ me { id } }","variables":"${canary}"}`, {}],
  ['an operation name that is no text', `{"query":"{ me { id } }","operationName":{"a":"${canary}"}}`, {}],
  ['another media type', `query=${canary}`, { 'content-type': 'application/x-www-form-urlencoded' }],
  ['plain text', `{"query":"{ ${canary} }"}`, { 'content-type': 'text/plain' }],
  ['an unknown charset', `{"query":"{ me { id } }"}`, { 'content-type': 'application/json; charset=klingon' }],
  ['an unknown encoding', canary, { 'content-encoding': 'klingon' }],
  ['a broken encoding', canary, { 'content-encoding': 'gzip' }],
] as const)('an HTTP body that is %s is refused with a code, and nothing of it is said', async ([, body, headers]) => {
  const { status, text } = await postText(body, headers);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect((JSON.parse(text) as { errors: object[] }).errors[0]).toMatchObject({ extensions: { code: 'BAD_QUERY' } });
  expect(text).not.toContain(canary);
});

test.for([
  ['no JSON', `{"type":"${canary}`, 4400],
  ['no message of the protocol', JSON.stringify({ type: canary }), 4400],
  ['a subscribe without a query', JSON.stringify({ id: '1', type: 'subscribe', payload: {} }), 4400],
  [
    'variables that are no object',
    JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ me { id } }', variables: canary } }),
    4400,
  ],
  ['a second connection_init', JSON.stringify({ type: 'connection_init' }), 4429],
] as const)('a frame that is %s closes the socket with its code, and nothing of it is said', async ([, text, code]) => {
  const socket = await RawSocket.connect(server.webSocketUrl, ana.token);
  await socket.send(text);
  const closed = await socket.closed;
  expect(closed.code).toBe(code);
  expect(closed.reason).not.toContain(canary);
});

test('an operation before connection_init closes the socket with 4401, and one of a known id with 4409', async () => {
  const early = new RawSocket(server.webSocketUrl);
  await early.send({ id: '1', type: 'subscribe', payload: { query: '{ __typename }' } });
  expect(await early.closed).toMatchObject({ code: 4401 });
  const twice = await RawSocket.connect(server.webSocketUrl, ana.token);
  for (let n = 0; n < 2; n += 1) await twice.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { inbox { cursor } }' } });
  expect(await twice.closed).toMatchObject({ code: 4409 });
});

test('an id that is taken closes its socket with 4409, however long it is, and nothing else', async () => {
  const other = await RawSocket.connect(server.webSocketUrl, ana.token);
  const twice = await RawSocket.connect(server.webSocketUrl, ana.token);
  const id = 'x'.repeat(128);
  for (let n = 0; n < 2; n += 1) await twice.send({ id, type: 'subscribe', payload: { query: 'subscription { inbox { cursor } }' } });
  expect(await twice.closed).toMatchObject({ code: 4409 });
  expect(await other.ask('{ me { id } }')).toEqual({ data: { me: { id: ana.userId } } });
});

test('a document is limited wherever it stands in the query string of a GET', async () => {
  const deep = `{ ${'a { '.repeat(20)}b${' }'.repeat(20)} }`;
  const before = Array.from({ length: 1_000 }, (_, n) => `p${n}=1`).join('&');
  const answer = await fetch(`${server.url}?${before}&${new URLSearchParams({ query: deep }).toString()}`);
  expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'LIMIT_OPERATION_DEPTH' } }] });
});

test('a socket that speaks no protocol of this server is closed with 4406', async () => {
  expect(await new RawSocket(server.webSocketUrl, []).closed).toMatchObject({ code: 4406 });
});

test('a socket that never says connection_init is closed with 4408', async () => {
  const silent = new RawSocket(server.webSocketUrl);
  expect(await silent.closed).toMatchObject({ code: 4408 });
});

test('a subscription over HTTP is refused, by POST and by GET, whatever else is in the document', async () => {
  const query = 'subscription { inbox { cursor } }';
  const both = `query Q { me { id } } ${query.replace('subscription', 'subscription S')}`;
  for (const body of [{ query }, { query: both, operationName: 'S' }]) {
    const { text } = await postText(JSON.stringify(body));
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'BAD_QUERY' } }] });
    const address = `${server.url}?${new URLSearchParams(body as Record<string, string>).toString()}`;
    const response = await fetch(address, { headers: { authorization: `Bearer ${ana.token}`, 'apollo-require-preflight': 'yes' } });
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_QUERY' } }] });
  }
  expect(await postText(JSON.stringify({ query: both, operationName: 'Q' }))).toMatchObject({ text: expect.stringContaining(ana.userId) });
});

test('a mutation by GET is refused, a query is answered', async () => {
  const get = (query: string) =>
    fetch(`${server.url}?${new URLSearchParams({ query }).toString()}`, {
      headers: { authorization: `Bearer ${ana.token}`, 'apollo-require-preflight': 'yes' },
    });
  const refused = await get('mutation { logout }');
  expect(refused.status).toBe(405);
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_QUERY' } }] });
  expect(await (await get('{ me { id } }')).json()).toEqual({ data: { me: { id: ana.userId } } });
});

test.for(transports)('over %s introspection and suggestions are off in production', async (transport) => {
  const production = await startServerForTest({ NODE_ENV: 'production', HOST: '127.0.0.1', BCRYPT_COST: '10' });
  const device = await signUp(production);
  for (const query of ['{ __schema { queryType { name } } }', '{ __type(name: "User") { name } }']) {
    const answer = await ask(transport, production, device.token, query);
    expect(answer.errors?.[0]).toMatchObject({ extensions: { code: 'BAD_QUERY' } });
    expect(answer.data ?? null).toBeNull();
  }
  expect(await ask(transport, production, device.token, '{ me { __typename } }')).toEqual({ data: { me: { __typename: 'User' } } });
  const misspelt: [string, object][] = [
    ['{ me { usernam } }', {}],
    ['{ mee { id } }', {}],
    ['mutation { endCall(id: "x", reason: DECLINE) { id } }', {}],
    ['mutation ($reason: EndReason) { endCall(id: "x", reason: $reason) { id } }', { reason: 'DECLINE' }],
    ['mutation ($input: CreateCallInput!) { createCall(input: $input) { id } }', { input: { calleeId: 'x', ringSecond: 5 } }],
    ['query { calls(filters: {}) { edges { cursor } } }', {}],
    ['{ activeCalls { ... on Cal { id } } }', {}],
  ];
  for (const [query, variables] of misspelt) {
    const answer = JSON.stringify(await ask(transport, production, device.token, query, variables));
    expect(answer).toContain('BAD_QUERY');
    expect(answer).not.toMatch(/did you mean/i);
  }
});
