import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { createClient, type Client } from 'graphql-ws';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { InboxEventPartsFragment, SignalKind } from '../src/client/gql/graphql.js';
import {
  callParts,
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

/** Apollo Client as an application sets it up: the subscription over the WebSocket, everything else over HTTP. */
function apolloClient(token: string | null): { apollo: ApolloClient; socket: Client } {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const socket = createClient({
    url: server.webSocketUrl,
    ...(token === null ? {} : { connectionParams: { Authorization: `Bearer ${token}` } }),
  });
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    new HttpLink({ uri: server.url, headers }),
  );
  const cache = new InMemoryCache({
    // Which parts of a fragment on the interface belong to an event.
    possibleTypes: { InboxEvent: ['Ready', 'CallChanged', 'SignalReceived'] },
    // An event takes the place of the one before it; the calls in it are kept by their ids.
    typePolicies: { Subscription: { fields: { inbox: { merge: false } } } },
  });
  const apollo = new ApolloClient({ link, cache });
  onTestFinished(async () => {
    apollo.stop();
    await socket.dispose();
  });
  return { apollo, socket };
}

/** Registers, subscribes, and waits for Ready. */
async function join(username: string) {
  const { apollo: anonymous } = apolloClient(null);
  const { data } = await anonymous.mutate({ mutation: asDocument(registerOperation), variables: { input: { username, password } } });
  const session = data!.register;
  const { apollo } = apolloClient(session.accessToken);
  const events: InboxEventPartsFragment[] = [];
  const subscription = apollo
    .subscribe({ query: asDocument(inboxSubscription) })
    .subscribe(({ data: event }) => event && events.push(event.inbox));
  onTestFinished(() => subscription.unsubscribe());
  await until('Ready', () => events[0]?.__typename === 'Ready');
  return {
    session,
    apollo,
    heard: (change: string) => until(change, () => events.find((event) => event.__typename === 'CallChanged' && event.change === change)),
    signals: () => events.flatMap((event) => (event.__typename === 'SignalReceived' ? [`${event.kind} ${event.payload}`] : [])),
    send: (callId: string, kind: SignalKind, payload: string) =>
      apollo.mutate({ mutation: asDocument(sendSignalOperation), variables: { input: { callId, kind, payload } } }),
  };
}

test('Apollo Client makes a whole call', async () => {
  const [ana, ben] = await Promise.all([join('apollo-ana'), join('apollo-ben')]);
  const created = await ana.apollo.mutate({
    mutation: asDocument(createCallOperation),
    variables: { input: { calleeId: ben.session.user.id, media: 'DATA' } },
  });
  const call = created.data!.createCall;
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

  await ben.apollo.mutate({ mutation: asDocument(endCallOperation), variables: { id: call.id } });
  await Promise.all([ana.heard('ENDED'), ben.heard('ENDED')]);
  // The event brought the call with it, so whatever shows it in Ana's application has changed without a further request.
  const cached = ana.apollo.cache.readFragment({ id: `Call:${call.id}`, fragment: asDocument(callParts), fragmentName: 'CallParts' });
  expect(cached).toMatchObject({ status: 'ENDED', endReason: 'HUNG_UP', endedBy: { id: ben.session.user.id } });
  const { data: told } = await ana.apollo.query({ query: asDocument(timelineOperation), variables: { id: call.id } });
  expect(told!.call!.timeline.map(({ kind }) => kind).filter((kind) => kind !== 'ICE_CANDIDATE')).toEqual([
    'CREATED',
    'RINGING',
    'OFFER',
    'ANSWERED',
    'ANSWER',
    'ENDED',
  ]);
});

test('Apollo Client reads errors by their code', async () => {
  const { session, apollo } = await join('apollo-eve');
  const itself = { calleeId: session.user.id };
  expect(await refusal(apollo.mutate({ mutation: asDocument(createCallOperation), variables: { input: itself } }))).toEqual({
    code: 'BAD_INPUT',
    field: 'calleeId',
  });
  expect(await refusal(apollo.mutate({ mutation: asDocument(endCallOperation), variables: { id: crypto.randomUUID() } }))).toEqual({
    code: 'NOT_FOUND',
  });
  const login = { username: 'apollo-eve', password: 'wrong password' };
  const { apollo: anonymous } = apolloClient(null);
  expect(await refusal(anonymous.mutate({ mutation: asDocument(loginOperation), variables: { input: login } }))).toEqual({
    code: 'INVALID_CREDENTIALS',
  });

  const subscribing = new Promise<unknown>((resolve) =>
    anonymous.subscribe({ query: asDocument(inboxSubscription) }).subscribe(({ error }) => resolve(error)),
  );
  expect(codeOf(await subscribing)).toEqual({ code: 'UNAUTHENTICATED' });
});

async function refusal(operation: Promise<unknown>): Promise<unknown> {
  return codeOf(
    await operation.then(
      () => 'it was accepted',
      (error: unknown) => error,
    ),
  );
}

function codeOf(error: unknown): unknown {
  if (!CombinedGraphQLErrors.is(error)) throw error;
  return error.errors[0]?.extensions;
}
