import { ApolloLink } from '@apollo/client';
import { Observable } from 'rxjs';
import type { InboxSubscription } from './gql/graphql.js';
import type { InboxCursor } from './inbox-cursor.js';

/**
 * In front of the GraphQLWsLink: the subscription `Inbox` goes on where the cursor is, at its first start and at each
 * reconnect. Apollo Client copies the variables that it is given, so they are exchanged here, behind it.
 */
export class InboxLink extends ApolloLink {
  constructor(cursor: InboxCursor) {
    super((operation, forward) => {
      if (operation.operationName !== 'Inbox') return forward(operation);
      operation.variables = cursor.variables();
      return new Observable((observer) =>
        forward(operation).subscribe({
          next: (result) => {
            const inbox = (result.data as InboxSubscription | null | undefined)?.inbox;
            if (inbox === undefined) observer.next(result);
            else cursor.handle(inbox, () => observer.next(result));
          },
          error: (error: unknown) => observer.error(error),
          complete: () => observer.complete(),
        }),
      );
    });
  }
}
