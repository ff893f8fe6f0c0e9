import { cacheExchange, Client, fetchExchange, type CombinedError, type OperationResult } from '@urql/core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { SignalKind } from '../examples/apollo/gql/graphql.js';
import { InboxCursor, type InboxEvent } from '../examples/apollo/inbox-cursor.js';
import { call as callQuery, createCall, endCall, sendSignal } from '../examples/apollo/operations.js';
import { Session } from '../examples/apollo/session.js';
import { createSocket } from '../examples/apollo/socket.js';
import { codeOf, createUrqlClient, openInbox } from '../examples/urql/client.js';
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
async function join(username: string) {
  const failures: unknown[] = [];
  const session = await Session.register(server.url, { username, password }, () => failures.push('the session is over'));
  const socket = createSocket(session);
  const cursor = new InboxCursor();
  const urql = createUrqlClient(session, socket, cursor);
  const events: InboxEvent[] = [];
  const close = openInbox(
    { urql, session, cursor },
    { onEvent: (event) => events.push(event), onFailure: (error) => failures.push(error) },
  );
  onTestFinished(async () => {
    close();
    await socket.dispose();
    expect(failures).toEqual([]);
  });
  await until('Ready', () => events[0]?.__typename === 'Ready');
  return {
    session,
    socket,
    cursor,
    urql,
    events,
    heard: (change: string) => until(change, () => events.find((event) => event.__typename === 'CallChanged' && event.change === change)),
    signals: () => events.flatMap((event) => (event.__typename === 'SignalReceived' ? [`${event.kind} ${event.payload}`] : [])),
    call: async (calleeId: string) => given(await urql.mutation(createCall, { input: { calleeId, media: 'DATA' } })).createCall,
    send: async (callId: string, kind: SignalKind, payload: string) =>
      given(await urql.mutation(sendSignal, { input: { callId, kind, payload } })).sendSignal,
  };
}

test('urql makes a whole call', async () => {
  const [ana, ben] = await Promise.all([join('urql-ana'), join('urql-ben')]);
  const call = await ana.call(ben.session.user.id);
  expect(call).toMatchObject({ direction: 'OUTGOING', media: 'DATA', caller: { username: 'urql-ana' }, callee: { username: 'urql-ben' } });
  await ben.heard('CREATED');
  await ana.heard('RINGING');

  expect(await ana.send(call.id, 'OFFER', 'the offer')).toMatchObject({ delivery: 'LIVE', duplicate: false });
  await ben.send(call.id, 'ANSWER', 'the answer');
  await ana.heard('ANSWERED');
  await ben.send(call.id, 'ICE_CANDIDATE', '{"candidate":"of ben"}');
  await ana.send(call.id, 'ICE_CANDIDATE', '{"candidate":"of ana"}');
  await ana.send(call.id, 'ICE_CANDIDATE', '');
  await until('the candidates', () => ben.signals().length === 3 && ana.signals().length === 2);
  expect(ben.signals()).toEqual(['OFFER the offer', 'ICE_CANDIDATE {"candidate":"of ana"}', 'ICE_CANDIDATE ']);
  expect(ana.signals()).toEqual(['ANSWER the answer', 'ICE_CANDIDATE {"candidate":"of ben"}']);

  given(await ben.urql.mutation(endCall, { id: call.id }));
  await Promise.all([ana.heard('ENDED'), ben.heard('ENDED')]);
  const { call: told } = given(await ana.urql.query(callQuery, { id: call.id }));
  expect(told).toMatchObject({ status: 'ENDED', endReason: 'HUNG_UP', endedBy: { id: ben.session.user.id } });
  expect(told!.timeline.map(({ kind }) => kind).filter((kind) => kind !== 'ICE_CANDIDATE')).toEqual([
    'CREATED',
    'RINGING',
    'OFFER',
    'ANSWERED',
    'ANSWER',
    'ENDED',
  ]);
});

test('the inbox of urql goes on behind the last event when its socket was cut', async () => {
  const [ana, ben] = await Promise.all([join('urql-cut-ana'), join('urql-cut-ben')]);
  const call = await ana.call(ben.session.user.id);
  await ana.send(call.id, 'OFFER', 'before');
  await until('the offer', () => ben.signals().length === 1);
  const handled = ben.cursor.after;
  ben.socket.terminate();
  await ana.send(call.id, 'CUSTOM', 'meanwhile');
  await until('what was missed', () => ben.signals().length === 2, { withinMs: 10_000 });
  expect(ben.signals()).toEqual(['OFFER before', 'CUSTOM meanwhile']);
  expect(ben.events.findLast(({ __typename }) => __typename === 'Ready')).toMatchObject({ recovered: true, cursor: handled });
});

test('the inbox of urql starts anew where its cursor is refused', async () => {
  const session = await Session.register(server.url, { username: 'urql-lost', password }, () => undefined);
  const socket = createSocket(session);
  const cursor = new InboxCursor({ after: 'no cursor' });
  const told: unknown[] = [];
  const close = openInbox(
    { urql: createUrqlClient(session, socket, cursor), session, cursor },
    { onEvent: ({ __typename }) => told.push(__typename), onFailure: (error) => told.push(codeOf(error as CombinedError)) },
  );
  onTestFinished(async () => {
    close();
    await socket.dispose();
  });
  await until('Ready', () => told.includes('Ready'));
  expect(told).toEqual(['BAD_INPUT', 'Ready']);
});

test('urql renews its session when the token is refused', async () => {
  const shortLived = await startServerForTest({ ACCESS_TOKEN_SECONDS: '1' });
  const session = await Session.register(shortLived.url, { username: 'urql-renews', password }, () => undefined);
  const token = (await session.authorization()).slice('Bearer '.length);
  await until(
    'the end of the token',
    async () => (await post(shortLived.url, token, '{ me { id } }')).body.errors?.[0]?.extensions?.['code'] === 'UNAUTHENTICATED',
  );
  const urql = createUrqlClient(session, createSocket(session), new InboxCursor());
  expect(given(await urql.query(callQuery, { id: crypto.randomUUID() }))).toEqual({ call: null });
  expect((await session.authorization()).endsWith(token)).toBe(false);
});

test('urql reads errors by their code', async () => {
  const { session, urql } = await join('urql-eve');
  const nobodys = { id: crypto.randomUUID() };
  expect(codeOf((await urql.mutation(createCall, { input: { calleeId: session.user.id } })).error)).toBe('BAD_INPUT');
  expect(codeOf((await urql.mutation(endCall, nobodys)).error)).toBe('NOT_FOUND');
  const anonymous = new Client({ url: server.url, preferGetMethod: false, exchanges: [cacheExchange, fetchExchange] });
  expect(codeOf((await anonymous.query(callQuery, nobodys)).error)).toBe('UNAUTHENTICATED');
});

function given<Data>({ data, error }: OperationResult<Data>): Data {
  if (data === undefined) throw error ?? new Error('There is no data.');
  return data;
}
