import { cacheExchange, Client, fetchExchange, subscriptionExchange, type OperationResult } from '@urql/core';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { InboxEventPartsFragment, SignalKind } from '../src/client/gql/graphql.js';
import {
  callOperation,
  createCallOperation,
  endCallOperation,
  inboxSubscription,
  loginOperation,
  registerOperation,
  sendSignalOperation,
  timelineOperation,
} from '../src/client/operations.js';
import { asDocument } from './support/document.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const password = 'correct horse';

/** urql as an application sets it up: the subscription over the WebSocket, everything else over HTTP. */
function urqlClient(token: string | null): Client {
  const authorization = `Bearer ${token}`;
  const socket = createClient({
    url: server.webSocketUrl,
    ...(token === null ? {} : { connectionParams: { Authorization: authorization } }),
  });
  onTestFinished(async () => {
    await socket.dispose();
  });
  return new Client({
    url: server.url,
    preferGetMethod: false,
    ...(token === null ? {} : { fetchOptions: { headers: { authorization } } }),
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ query, variables: variables ?? {} }, sink as Parameters<typeof socket.subscribe>[1]),
          }),
        }),
      }),
    ],
  });
}

/** Registers, subscribes, and waits for Ready. */
async function join(username: string) {
  const { register: session } = given(await urqlClient(null).mutation(asDocument(registerOperation), { input: { username, password } }));
  const urql = urqlClient(session.accessToken);
  const events: InboxEventPartsFragment[] = [];
  const subscription = urql.subscription(asDocument(inboxSubscription), {}).subscribe((result) => events.push(given(result).inbox));
  onTestFinished(() => subscription.unsubscribe());
  await until('Ready', () => events[0]?.__typename === 'Ready');
  return {
    session,
    urql,
    heard: (change: string) => until(change, () => events.find((event) => event.__typename === 'CallChanged' && event.change === change)),
    signals: () => events.flatMap((event) => (event.__typename === 'SignalReceived' ? [`${event.kind} ${event.payload}`] : [])),
    send: async (callId: string, kind: SignalKind, payload: string) =>
      given(await urql.mutation(asDocument(sendSignalOperation), { input: { callId, kind, payload } })).sendSignal,
  };
}

test('urql makes a whole call', async () => {
  const [ana, ben] = await Promise.all([join('urql-ana'), join('urql-ben')]);
  const { createCall: call } = given(
    await ana.urql.mutation(asDocument(createCallOperation), { input: { calleeId: ben.session.user.id, media: 'DATA' } }),
  );
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

  given(await ben.urql.mutation(asDocument(endCallOperation), { id: call.id }));
  await Promise.all([ana.heard('ENDED'), ben.heard('ENDED')]);
  expect(given(await ana.urql.query(asDocument(callOperation), { id: call.id })).call).toMatchObject({
    status: 'ENDED',
    endReason: 'HUNG_UP',
    endedBy: { id: ben.session.user.id },
  });
  const told = given(await ana.urql.query(asDocument(timelineOperation), { id: call.id }));
  expect(told.call!.timeline.map(({ kind }) => kind).filter((kind) => kind !== 'ICE_CANDIDATE')).toEqual([
    'CREATED',
    'RINGING',
    'OFFER',
    'ANSWERED',
    'ANSWER',
    'ENDED',
  ]);
});

test('urql reads errors by their code', async () => {
  const { session, urql } = await join('urql-eve');
  expect(refusal(await urql.mutation(asDocument(createCallOperation), { input: { calleeId: session.user.id } }))).toEqual({
    code: 'BAD_INPUT',
    field: 'calleeId',
  });
  expect(refusal(await urql.mutation(asDocument(endCallOperation), { id: crypto.randomUUID() }))).toEqual({ code: 'NOT_FOUND' });
  const anonymous = urqlClient(null);
  const login = { username: 'urql-eve', password: 'wrong password' };
  expect(refusal(await anonymous.mutation(asDocument(loginOperation), { input: login }))).toEqual({ code: 'INVALID_CREDENTIALS' });

  const subscribing = new Promise<OperationResult>((resolve) =>
    anonymous.subscription(asDocument(inboxSubscription), {}).subscribe(resolve),
  );
  expect(refusal(await subscribing)).toEqual({ code: 'UNAUTHENTICATED' });
});

function given<Data>({ data, error }: OperationResult<Data>): Data {
  if (data === undefined) throw error ?? new Error('There is no data.');
  return data;
}

function refusal({ error }: OperationResult): unknown {
  return error?.graphQLErrors[0]?.extensions;
}
