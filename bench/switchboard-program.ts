import { randomBytes } from 'node:crypto';

import type { WebSocket } from 'ws';

import { readGraphqlFrame, signalFrames } from './graphql-socket.ts';
import { CHEAP_LOGINS, connectIdle } from './idle-devices.ts';
import type { Program } from './program.ts';
import { lines, type Role } from './script.ts';
import type { Launch, Place } from './server-process.ts';
import { createSwitchboardClient, type SwitchboardSession } from './switchboard-client.ts';
import { openInbox } from './switchboard-inbox.ts';
import type { Link, Wire } from './wire.ts';

/** Production wants a costly hash; a hundred of them pass before anything is measured. */
export const PRODUCTION = { NODE_ENV: 'production', BCRYPT_COST: '10' };

/** What is around those who signal. */
interface Surroundings {
  /** Devices that are connected, and silent. */
  readonly idle?: number;
  readonly prepare?: NonNullable<Program['prepare']>;
  /** Where the callees connect, if it is not where the callers do. */
  readonly socketOfCallees?: () => string;
}

export function switchboard(command: string, { idle = 0, prepare, socketOfCallees }: Surroundings): Program {
  return {
    name: 'switchboard',
    storesAndAuthorises: true,
    launch: (place) => launchSwitchboard(command, place, idle > 0 ? CHEAP_LOGINS : PRODUCTION),
    ...(prepare && { prepare }),
    connectIdle: async (urls, count) => {
      const sockets: WebSocket[] = [];
      await connectIdle(urls, 0, count, sockets);
      return sockets;
    },
    connect: async ({ httpUrl, socketUrl }, pair): Promise<Link> => {
      const client = createSwitchboardClient(httpUrl);
      const [caller, callee] = await Promise.all([client.register(`bench${pair}caller`), client.register(`bench${pair}callee`)]);
      const [callerSocket, calleeSocket] = await Promise.all([
        openInbox(socketUrl, caller),
        openInbox(socketOfCallees?.() ?? socketUrl, callee),
      ]);
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
