// Signaling by plain requests, without a socket: for a script, a worker, a phone that a push has woken.
// npx node examples/graphql-request/main.ts [http://127.0.0.1:4000/graphql]
import { randomUUID } from 'node:crypto';
import { ClientError, GraphQLClient, gql } from 'graphql-request';

interface Call {
  id: string;
  status: string;
  endReason: string | null;
  caller: { username: string };
}
type Event = { cursor: string } & (
  | { __typename: 'CallChanged'; change: string; call: Call }
  | { __typename: 'SignalReceived'; kind: string; payload: string }
);

const url = process.argv[2] ?? 'http://127.0.0.1:4000/graphql';

/** A new account; the client that it gives back carries the token of this device. */
async function register(name: string): Promise<{ client: GraphQLClient; userId: string }> {
  const input = { username: `${name}-${randomUUID().slice(0, 8)}`, password: randomUUID() };
  const { register: session } = await new GraphQLClient(url).request<{ register: { accessToken: string; user: { id: string } } }>(
    gql`
      mutation ($input: RegisterInput!) {
        register(input: $input) {
          accessToken
          user {
            id
          }
        }
      }
    `,
    { input },
  );
  return { client: new GraphQLClient(url, { headers: { authorization: `Bearer ${session.accessToken}` } }), userId: session.user.id };
}

const inboxPage = gql`
  query ($after: ID, $first: Int!) {
    inbox(after: $after, first: $first) {
      cursor
      hasMore
      recovered
      events {
        __typename
        cursor
        ... on CallChanged {
          change
          call {
            id
            status
            endReason
            caller {
              username
            }
          }
        }
        ... on SignalReceived {
          kind
          payload
        }
      }
    }
  }
`;
type InboxPage = { inbox: { cursor: string; hasMore: boolean; recovered: boolean; events: Event[] } };

/**
 * What a worker does each time that it is woken: everything behind `after`, page by page. Gives back the cursor for the next
 * time; a real one keeps it on disk, behind each event that it has handled.
 */
async function readInbox(client: GraphQLClient, after: string | null, onEvent: (event: Event) => void): Promise<string> {
  for (let from = after; ;) {
    const { inbox } = await client.request<InboxPage>(inboxPage, { after: from, first: 2 });
    // What lay behind the cursor is no longer kept: whatever is not in `activeCalls` now is over.
    if (!inbox.recovered) console.log('  some events are gone; ask for activeCalls');
    inbox.events.forEach(onEvent);
    // Not by the number of events: a page may be empty and have more behind it.
    if (!inbox.hasMore) return inbox.cursor;
    from = inbox.cursor;
  }
}

const show = (event: Event): void => {
  if (event.__typename === 'SignalReceived') console.log(`  signal ${event.kind} ${event.payload || '(no more of them)'}`);
  // `change` is what happened then, `call.status` how it stands now: ring only for what still rings.
  else
    console.log(
      `  ${event.change} by ${event.call.caller.username.split('-')[0]}, now ${event.call.status} ${event.call.endReason ?? ''}`.trimEnd(),
    );
};

const ana = await register('ana');
const ben = await register('ben');

console.log('Ana calls Ben.');
const place = gql`
  mutation ($input: CreateCallInput!) {
    createCall(input: $input) {
      id
    }
  }
`;
// The key makes it safe to send it again where the answer was lost.
const input = { calleeId: ben.userId, media: 'AUDIO', key: randomUUID() };
const { createCall: call } = await ana.client.request<{ createCall: { id: string } }>(place, { input });
const signal = gql`
  mutation ($input: SendSignalInput!) {
    sendSignal(input: $input) {
      id
    }
  }
`;
// One after the other: over HTTP the order is that in which they were awaited.
await ana.client.request(signal, { input: { callId: call.id, kind: 'OFFER', payload: 'v=0 ...', key: randomUUID() } });
await ana.client.request(signal, { input: { callId: call.id, kind: 'ICE_CANDIDATE', payload: '', key: randomUUID() } });

console.log("A push wakes Ben's phone:");
const cursor = await readInbox(ben.client, null, show);

console.log('Ana gives up. Another push:');
await ana.client.request(
  gql`
    mutation ($id: ID!) {
      endCall(id: $id) {
        id
      }
    }
  `,
  { id: call.id },
);
await readInbox(ben.client, cursor, show);

const { calls } = await ben.client.request<{ calls: { edges: { node: Call & { missed: boolean } }[] } }>(gql`
  {
    calls(first: 10) {
      edges {
        node {
          id
          status
          endReason
          missed
          caller {
            username
          }
        }
      }
    }
  }
`);
console.log('His history:');
for (const { node } of calls.edges)
  console.log(`  ${node.caller.username.split('-')[0]} ${node.endReason}${node.missed ? ', missed' : ''}`);

try {
  await ben.client.request(place, { input: { calleeId: ben.userId } });
} catch (error) {
  if (!(error instanceof ClientError)) throw error;
  // Decide by the code, which is of a closed list; the message is for people.
  console.log(`Ben calls himself: ${String(error.response.errors?.[0]?.extensions?.['code'])}`);
}
