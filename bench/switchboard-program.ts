import { randomBytes } from 'node:crypto';

import type { WebSocket } from 'ws';

import { firstEvent, openGraphqlSocket, readGraphqlFrame, signalFrames, subscribe } from './graphql-socket.ts';
import type { Program } from './program.ts';
import { lines, type Role } from './script.ts';
import type { Launch, Place } from './server-process.ts';
import { createSwitchboardClient, type SwitchboardSession } from './switchboard-client.ts';
import type { Link, Wire } from './wire.ts';

const INBOX = `subscription {
  inbox {
    __typename
    cursor
    ... on SignalReceived { callId kind payload fromDeviceId }
    ... on CallChanged { change call { id status } }
  }
}`;

export function switchboard(command: string): Program {
  return {
    name: 'switchboard',
    storesAndAuthorises: true,
    // Production wants a costly hash; a hundred of them pass before anything is measured.
    launch: (place) => launchSwitchboard(command, place, { NODE_ENV: 'production', BCRYPT_COST: '10' }),
    connect: async ({ httpUrl, socketUrl }, pair): Promise<Link> => {
      const client = createSwitchboardClient(httpUrl);
      const [caller, callee] = await Promise.all([client.register(`bench${pair}caller`), client.register(`bench${pair}callee`)]);
      const [callerSocket, calleeSocket] = await Promise.all([openInbox(socketUrl, caller), openInbox(socketUrl, callee)]);
      const callId = await client.createCall(caller, callee.userId);
      await client.acceptCall(callee, callId);
      return { caller: wire(callerSocket, caller, callId, 'caller'), callee: wire(calleeSocket, callee, callId, 'callee') };
    },
  };
}

/** Postgres is the embedded one, and no rate refuses: the load of fifty calls comes from one address. */
export function launchSwitchboard(command: string, { dataDirectory }: Place, mode: Readonly<Record<string, string>>): Launch {
  return {
    command: command.split(' ').map((word, index) => (index === 0 && word === 'node' ? process.execPath : word)),
    workingDirectory: process.cwd(),
    environment: {
      DATA_DIR: dataDirectory,
      DATABASE_URL: 'embedded',
      JWT_SECRET: randomBytes(32).toString('hex'),
      LIMIT_CALLS_PER_MINUTE: '0',
      LIMIT_CALLS_PER_PAIR_PER_MINUTE: '0',
      LIMIT_LOGINS_PER_MINUTE: '0',
      LIMIT_REQUESTS_PER_MINUTE: '0',
      LIMIT_OPERATIONS_PER_SECOND: '0',
      LIMIT_OPERATIONS_BURST: '0',
      LIMIT_OPERATIONS_IN_FLIGHT: '0',
      LIMIT_SOCKETS_PER_USER: '0',
      LIMIT_UNAUTHENTICATED_SOCKETS_PER_IP: '0',
      ...mode,
    },
  };
}

/** Resolves at Ready: whatever commits from then on is delivered. */
export async function openInbox(socketUrl: string, session: SwitchboardSession, localAddress?: string): Promise<WebSocket> {
  const authorization = `Bearer ${session.accessToken}`;
  const socket = await openGraphqlSocket(`${socketUrl}/graphql`, { Authorization: authorization, authorization }, localAddress);
  const ready = firstEvent(socket, 'Ready');
  subscribe(socket, INBOX);
  await ready;
  return socket;
}

function wire(socket: WebSocket, { deviceId }: SwitchboardSession, callId: string, role: Role): Wire {
  return {
    socket,
    callId,
    deviceId,
    frames: signalFrames(lines(role), { callId }),
    read: (text) => readGraphqlFrame(socket, text, isSignalReceived),
  };
}

function isSignalReceived(event: unknown): boolean {
  return (event as { readonly __typename: string }).__typename === 'SignalReceived';
}
