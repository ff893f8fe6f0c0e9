import { cacheExchange, Client, fetchExchange, subscriptionExchange, type CombinedError } from '@urql/core';
import type { FormattedExecutionResult } from 'graphql';
import type { Client as Socket, Sink } from 'graphql-ws';
// What is of no GraphQL client is shared with the example for Apollo Client: the session, the socket, the cursor, the documents.
import type { InboxSubscription } from '../apollo/gql/graphql.js';
import type { InboxCursor, InboxEvent } from '../apollo/inbox-cursor.js';
import { inbox } from '../apollo/operations.js';
import type { Session } from '../apollo/session.js';

/** urql for a signed-in device: subscriptions over `socket`, all else over HTTP. */
export function createUrqlClient(session: Session, socket: Socket, cursor: InboxCursor): Client {
  return new Client({
    url: session.url,
    // GET would work too, and leave the variables in the logs of whatever stands between.
    preferGetMethod: false,
    fetch: authorizedFetch(session),
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', operationName, variables }) => ({
          subscribe: (sink) => {
            if (operationName !== 'Inbox') return { unsubscribe: socket.subscribe({ query, variables: variables ?? {} }, sink as Sink) };
            // urql copies the variables that it is given, so they are exchanged here, behind it.
            const payload = { query, variables: cursor.variables() as Record<string, unknown> };
            return { unsubscribe: socket.subscribe<InboxSubscription>(payload, throughCursor(cursor, sink as Sink)) };
          },
        }),
      }),
    ],
  });
}

function throughCursor(cursor: InboxCursor, sink: Sink<FormattedExecutionResult<InboxSubscription, unknown>>): typeof sink {
  return {
    next: (result) => {
      if (result.data == null) sink.next(result);
      else cursor.handle(result.data.inbox, () => sink.next(result));
    },
    error: (error) => sink.error(error),
    complete: () => sink.complete(),
  };
}

/**
 * With the token as it is at that moment. One that is refused, as after its 15 minutes, is renewed, and the request is made
 * once more. @urql/exchange-auth does the same, for who has it.
 */
function authorizedFetch(session: Session): typeof fetch {
  return async (address, init) => {
    const ask = async () => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', await session.authorization());
      return fetch(address, { ...init, headers });
    };
    const answer = await ask();
    const { errors } = (await answer.clone().json()) as { errors?: { extensions?: { code?: string } }[] };
    if (errors?.[0]?.extensions?.code !== 'UNAUTHENTICATED') return answer;
    await session.renew();
    return ask();
  };
}

/**
 * The inbox, for as long as the user is signed in, until the returned function is called. A lost connection is none of its
 * concern: graphql-ws opens it again. Where the server refuses it, as while its database is away, `onFailure` is told, and it
 * is opened again after a while.
 */
export function openInbox(
  { urql, session, cursor }: { urql: Client; session: Session; cursor: InboxCursor },
  { onEvent, onFailure }: { onEvent: (event: InboxEvent) => void; onFailure: (error: unknown) => void },
): () => void {
  let close = () => {};
  const open = () => {
    // Its variables come from the cursor.
    const subscription = urql.subscription(inbox, {}).subscribe(({ data, error }) => {
      if (error !== undefined) {
        onFailure(error);
        if (codeOf(error) === 'BAD_INPUT') cursor.forget();
        subscription.unsubscribe();
        if (session.isOver) return;
        const again = setTimeout(open, 1_000 + Math.random() * 2_000);
        close = () => clearTimeout(again);
      } else if (data !== undefined) {
        // Extends the socket too, so it is not closed at the end of the token that it was opened with.
        if (data.inbox.__typename === 'SessionExpiring') session.renew().catch(onFailure);
        onEvent(data.inbox);
      }
    });
    close = () => subscription.unsubscribe();
  };
  open();
  return () => close();
}

/** What went wrong, by `extensions.code`, to decide by; undefined where no answer came. The message is for people. */
export function codeOf(error: CombinedError | undefined): unknown {
  return error?.graphQLErrors[0]?.extensions['code'];
}
