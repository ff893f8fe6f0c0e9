import type { WebSocket } from 'ws';

import { firstEvent, openGraphqlSocket, subscribe } from './graphql-socket.ts';
import type { SwitchboardSession } from './switchboard-client.ts';

const INBOX = `subscription {
  inbox {
    __typename
    cursor
    ... on SignalReceived { callId kind payload fromDeviceId }
    ... on CallChanged { change call { id status } }
  }
}`;

/** Resolves at Ready: whatever commits from then on is delivered. */
export async function openInbox(socketUrl: string, session: SwitchboardSession, localAddress?: string): Promise<WebSocket> {
  const authorization = `Bearer ${session.accessToken}`;
  const socket = await openGraphqlSocket(`${socketUrl}/graphql`, { Authorization: authorization, authorization }, localAddress);
  const ready = firstEvent(socket, 'Ready');
  subscribe(socket, INBOX);
  await ready;
  return socket;
}
