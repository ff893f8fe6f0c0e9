import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';

/** What stands in the editor at first: the way to a token, and what to do with it. */
const firstDocument = `# Run Register, copy the accessToken into Headers below as
#   Authorization: Bearer (and the token)
# and run Inbox: it stays open. Then call this user from another tab.
mutation Register {
  register(input: { username: "ana", password: "correct horse" }) {
    accessToken
    user {
      id
    }
  }
}

subscription Inbox {
  inbox {
    __typename
    cursor
    ... on Ready {
      activeCalls {
        id
        status
      }
    }
    ... on CallChanged {
      change
      call {
        id
        status
      }
    }
    ... on SignalReceived {
      kind
      payload
    }
  }
}
`;

/** Where the page of Apollo's plugin names the API, in its own script. */
const apiOfThePage = /^( +)initialEndpoint,$/m;

/**
 * Apollo Sandbox for development. The page of Apollo's plugin does not say where subscriptions go, and has no option for it,
 * though Sandbox does: the address is added to it. Sandbox speaks `graphql-transport-ws` there, from this page, with the
 * headers of the operation as `connection_init` payload.
 */
export function sandboxPage(): ApolloServerPlugin {
  const plugin = ApolloServerPluginLandingPageLocalDefault({ embed: { runTelemetry: false }, footer: false, document: firstDocument });
  return {
    async serverWillStart(service) {
      const listener = await plugin.serverWillStart?.(service);
      const page = await listener?.renderLandingPage?.();
      if (page === undefined) throw new Error('The plugin of Apollo Sandbox has no page.');
      return {
        renderLandingPage: async () => ({
          // A function: each page has a nonce of its own.
          html: async () => withSubscriptions(typeof page.html === 'string' ? page.html : await page.html()),
        }),
      };
    },
  };
}

function withSubscriptions(page: string): string {
  return page.replace(
    apiOfThePage,
    (line, indent: string) => `${line}\n${indent}initialSubscriptionEndpoint: initialEndpoint.replace(/^http/, 'ws'),`,
  );
}
