import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import type { Client } from 'graphql-ws';
import { defer, EMPTY, from, mergeMap, repeat, timer, type Subscription } from 'rxjs';
import type { InboxCursor, InboxEvent } from './inbox-cursor.js';
import { InboxLink } from './inbox-link.js';
import { inbox } from './operations.js';
import type { Session } from './session.js';

/** Apollo Client for a signed-in device: subscriptions over `socket`, all else over HTTP. */
export function createApolloClient(session: Session, socket: Client, cursor: InboxCursor): ApolloClient {
  // The access token lives for 15 minutes. Its end is a refusal like any other: renewed, and asked once more.
  const renewal = new ErrorLink(({ error, operation, forward }) => {
    if (codeOf(error) !== 'UNAUTHENTICATED') return undefined;
    return from(session.renew()).pipe(mergeMap(() => forward(operation)));
  });
  const authorization = new SetContextLink(async ({ headers }) => ({
    headers: { ...headers, authorization: await session.authorization() },
  }));
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      ApolloLink.from([new InboxLink(cursor), new GraphQLWsLink(socket)]),
      ApolloLink.from([renewal, authorization, new HttpLink({ uri: session.url })]),
    ),
    cache: new InMemoryCache({
      // Which parts of the subscription belong to an event: without it those of the other types are missed, with a warning.
      possibleTypes: { InboxEvent: ['Ready', 'CallChanged', 'SignalReceived', 'SessionExpiring', 'ServerDraining'] },
      // An event takes the place of the one before it. The calls in it are kept by their ids, so whatever shows one changes.
      typePolicies: { Subscription: { fields: { inbox: { merge: false } } } },
    }),
  });
}

/**
 * The inbox, for as long as the user is signed in. A lost connection is none of its concern: graphql-ws opens it again. Where
 * the server refuses it, as while its database is away, `onFailure` is told, and it is opened again after a while.
 */
export function openInbox(
  { apollo, session, cursor }: { apollo: ApolloClient; session: Session; cursor: InboxCursor },
  { onEvent, onFailure }: { onEvent: (event: InboxEvent) => void; onFailure: (error: unknown) => void },
): Subscription {
  const againMs = () => 1_000 + Math.random() * 2_000;
  return defer(() => apollo.subscribe({ query: inbox }))
    .pipe(repeat({ delay: () => (session.isOver ? EMPTY : timer(againMs())) }))
    .subscribe(({ data, error }) => {
      if (error !== undefined) onFailure(error);
      if (codeOf(error) === 'BAD_INPUT') cursor.forget();
      if (data == null) return;
      // Extends the socket too, so it is not closed at the end of the token that it was opened with.
      if (data.inbox.__typename === 'SessionExpiring') session.renew().catch(onFailure);
      onEvent(data.inbox);
    });
}

/** What went wrong, by `extensions.code`, to decide by; undefined where no answer came. The message is for people. */
export function codeOf(error: unknown): unknown {
  return CombinedGraphQLErrors.is(error) ? error.errors[0]?.extensions?.['code'] : undefined;
}
