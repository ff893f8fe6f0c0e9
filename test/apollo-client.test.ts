import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { codeOf, createApolloClient, openInbox } from '../examples/apollo/client.js';
import { InboxCursor, type InboxEvent } from '../examples/apollo/inbox-cursor.js';
import type { SignalKind } from '../examples/apollo/gql/graphql.js';
import { call as callQuery, callParts, createCall, endCall, inbox, sendSignal } from '../examples/apollo/operations.js';
import { RefusedError, Session } from '../examples/apollo/session.js';
import { createSocket } from '../examples/apollo/socket.js';
import { post } from './support/api.js';
import { startServer, startServerForTest, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const password = 'correct horse';

/** Registers, subscribes by the example, and waits for Ready. */
async function join(username: string, at: TestServer = server) {
  const failures: unknown[] = [];
  const session = await Session.register(at.url, { username, password }, () => failures.push('the session is over'));
  const socket = createSocket(session);
  const saved: string[] = [];
  const cursor = new InboxCursor({ save: (after) => saved.push(after) });
  const apollo = createApolloClient(session, socket, cursor);
  const events: InboxEvent[] = [];
  const subscription = openInbox(
    { apollo, session, cursor },
    {
      onEvent: (event) => events.push(event),
      onFailure: (error) => failures.push(error),
    },
  );
  onTestFinished(async () => {
    subscription.unsubscribe();
    apollo.stop();
    await socket.dispose();
    expect(failures).toEqual([]);
  });
  await until('Ready', () => events[0]?.__typename === 'Ready');
  return {
    session,
    socket,
    cursor,
    saved,
    apollo,
    events,
    heard: (change: string) => until(change, () => events.find((event) => event.__typename === 'CallChanged' && event.change === change)),
    signals: () => events.flatMap((event) => (event.__typename === 'SignalReceived' ? [`${event.kind} ${event.payload}`] : [])),
    call: async (calleeId: string) =>
      (await apollo.mutate({ mutation: createCall, variables: { input: { calleeId, media: 'DATA' } } })).data!.createCall,
    send: (callId: string, kind: SignalKind, payload: string) =>
      apollo.mutate({ mutation: sendSignal, variables: { input: { callId, kind, payload } } }),
  };
}

test('Apollo Client makes a whole call', async () => {
  const [ana, ben] = await Promise.all([join('apollo-ana'), join('apollo-ben')]);
  const call = await ana.call(ben.session.user.id);
  expect(call).toMatchObject({
    direction: 'OUTGOING',
    media: 'DATA',
    caller: { username: 'apollo-ana' },
    callee: { username: 'apollo-ben' },
  });
  await ben.heard('CREATED');
  await ana.heard('RINGING');

  const receipt = await ana.send(call.id, 'OFFER', 'the offer');
  expect(receipt.data!.sendSignal).toMatchObject({ delivery: 'LIVE', duplicate: false });
  await ben.send(call.id, 'ANSWER', 'the answer');
  await ana.heard('ANSWERED');
  await ben.send(call.id, 'ICE_CANDIDATE', '{"candidate":"of ben"}');
  await ana.send(call.id, 'ICE_CANDIDATE', '{"candidate":"of ana"}');
  await ana.send(call.id, 'ICE_CANDIDATE', '');
  await until('the candidates', () => ben.signals().length === 3 && ana.signals().length === 2);
  expect(ben.signals()).toEqual(['OFFER the offer', 'ICE_CANDIDATE {"candidate":"of ana"}', 'ICE_CANDIDATE ']);
  expect(ana.signals()).toEqual(['ANSWER the answer', 'ICE_CANDIDATE {"candidate":"of ben"}']);

  await ben.apollo.mutate({ mutation: endCall, variables: { id: call.id } });
  await Promise.all([ana.heard('ENDED'), ben.heard('ENDED')]);
  // The event brought the call with it, so whatever shows it in Ana's application has changed without a further request.
  const cached = ana.apollo.cache.readFragment({ id: `Call:${call.id}`, fragment: callParts });
  expect(cached).toMatchObject({ status: 'ENDED', endReason: 'HUNG_UP', endedBy: { id: ben.session.user.id } });
  const { data: told } = await ana.apollo.query({ query: callQuery, variables: { id: call.id } });
  expect(told!.call!.timeline.map(({ kind }) => kind).filter((kind) => kind !== 'ICE_CANDIDATE')).toEqual([
    'CREATED',
    'RINGING',
    'OFFER',
    'ANSWERED',
    'ANSWER',
    'ENDED',
  ]);
});

test('the inbox of Apollo Client goes on behind the last event when its socket was cut', async () => {
  const [ana, ben] = await Promise.all([join('apollo-cut-ana'), join('apollo-cut-ben')]);
  const call = await ana.call(ben.session.user.id);
  await ana.send(call.id, 'OFFER', 'before');
  await until('the offer', () => ben.signals().length === 1);
  const handled = ben.cursor.after;
  ben.socket.terminate();
  await ana.send(call.id, 'CUSTOM', 'meanwhile');
  await until('what was missed', () => ben.signals().length === 2, { withinMs: 10_000 });
  expect(ben.signals()).toEqual(['OFFER before', 'CUSTOM meanwhile']);
  const ready = ben.events.findLast(({ __typename }) => __typename === 'Ready');
  expect(ready).toMatchObject({ recovered: true, cursor: handled });
  expect(ben.saved.at(-1)).toBe(ben.cursor.after);
});

test('the inbox of Apollo Client starts anew where its cursor is refused', async () => {
  const session = await Session.register(server.url, { username: 'apollo-lost', password }, () => undefined);
  const socket = createSocket(session);
  const cursor = new InboxCursor({ after: 'no cursor' });
  const told: unknown[] = [];
  const subscription = openInbox(
    { apollo: createApolloClient(session, socket, cursor), session, cursor },
    { onEvent: ({ __typename }) => told.push(__typename), onFailure: (error) => told.push(codeOf(error)) },
  );
  onTestFinished(async () => {
    subscription.unsubscribe();
    await socket.dispose();
  });
  await until('Ready', () => told.includes('Ready'));
  expect(told).toEqual(['BAD_INPUT', 'Ready']);
});

test('Apollo Client renews its session when the token is refused, and before the socket is closed', async () => {
  const shortLived = await startServerForTest({ ACCESS_TOKEN_SECONDS: '4' });
  const ana = await join('apollo-renews', shortLived);
  const first = (await ana.session.authorization()).slice('Bearer '.length);
  await until('the warning', () => ana.events.some(({ __typename }) => __typename === 'SessionExpiring'));
  await until('another token', async () => !(await ana.session.authorization()).endsWith(first));
  const refused = async (token: string) =>
    (await post(shortLived.url, token, '{ me { id } }')).body.errors?.[0]?.extensions?.['code'] === 'UNAUTHENTICATED';
  await until('the end of the first token', () => refused(first), { withinMs: 10_000 });
  expect(ana.events.filter(({ __typename }) => __typename === 'Ready')).toHaveLength(1);

  // Without an inbox nobody is warned: the refusal of a request is the sign.
  const silent = await Session.register(shortLived.url, { username: 'apollo-silent', password }, () => undefined);
  const socket = createSocket(silent);
  const apollo = createApolloClient(silent, socket, new InboxCursor());
  const token = (await silent.authorization()).slice('Bearer '.length);
  await until('the end of the token', () => refused(token));
  expect((await apollo.query({ query: callQuery, variables: { id: crypto.randomUUID() } })).data).toEqual({ call: null });
  expect((await silent.authorization()).endsWith(token)).toBe(false);
});

test('Apollo Client reads errors by their code', async () => {
  const { session, apollo } = await join('apollo-eve');
  const codeOfRefusal = (operation: Promise<unknown>) => operation.then(() => 'it was accepted', codeOf);
  const itself = { calleeId: session.user.id };
  expect(await codeOfRefusal(apollo.mutate({ mutation: createCall, variables: { input: itself } }))).toBe('BAD_INPUT');
  const nobodys = { id: crypto.randomUUID() };
  expect(await codeOfRefusal(apollo.mutate({ mutation: endCall, variables: nobodys }))).toBe('NOT_FOUND');
  const login = Session.signIn(server.url, { username: 'apollo-eve', password: 'wrong password' }, () => undefined);
  await expect(login).rejects.toBeInstanceOf(RefusedError);
  await expect(login).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });

  const anonymous = new ApolloClient({ link: new HttpLink({ uri: server.url }), cache: new InMemoryCache() });
  expect(await codeOfRefusal(anonymous.query({ query: callQuery, variables: nobodys }))).toBe('UNAUTHENTICATED');
  const told = new Promise((resolve) => anonymous.subscribe({ query: inbox }).subscribe(({ error }) => resolve(error)));
  expect(codeOf(await told)).toBe('BAD_QUERY');
});
