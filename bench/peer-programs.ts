import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { openGraphqlSocket, readGraphqlFrame, signalFrames, subscribe } from './graphql-socket.ts';
import { peersDirectory } from './peers.ts';
import type { Program } from './program.ts';
import { lines, PLACE, type Role } from './script.ts';
import { frames, type Incoming, type Link, openSocket, type ReceivedSignal, type Wire } from './wire.ts';

/** None of these programs says when a subscription stands, so nothing but time can be waited for. */
const SETTLE_MS = 250;

interface Ends {
  readonly callId: string;
  readonly role: Role;
  readonly deviceId: string;
  readonly otherDeviceId: string;
}

export const relay: Program = peer('relay', 'relay.js', {}, openRelayWire);
export const mercurius: Program = peer('mercurius', 'mercurius.js', {}, openGraphqlWire);
export const mercuriusJit: Program = peer('mercurius-jit', 'mercurius.js', { JIT: '1' }, openGraphqlWire);
export const typeGraphqlDocumented: Program = peer('type-graphql-documented', 'type-graphql-documented.js', {}, openGraphqlWire);

function peer(
  name: string,
  file: string,
  environment: Readonly<Record<string, string>>,
  open: (socketUrl: string, ends: Ends) => Promise<Wire>,
): Program {
  return {
    name,
    storesAndAuthorises: false,
    launch: () => ({ command: [process.execPath, `dist/${file}`], workingDirectory: peersDirectory, environment }),
    connect: async ({ socketUrl }): Promise<Link> => {
      const [callId, callerId, calleeId] = [randomUUID(), randomUUID(), randomUUID()];
      const [caller, callee] = await Promise.all([
        open(socketUrl, { callId, role: 'caller', deviceId: callerId, otherDeviceId: calleeId }),
        open(socketUrl, { callId, role: 'callee', deviceId: calleeId, otherDeviceId: callerId }),
      ]);
      await delay(SETTLE_MS);
      return { caller, callee };
    },
  };
}

async function openRelayWire(socketUrl: string, { callId, role, deviceId, otherDeviceId }: Ends): Promise<Wire> {
  const socket = await openSocket(`${socketUrl}/${deviceId}`);
  const script = frames(lines(role), ({ kind, payload }) => ({ to: otherDeviceId, key: PLACE, callId, kind, payload }));
  return { socket, callId, deviceId, frames: script, read: readRelayFrame };
}

function readRelayFrame(text: string): Incoming {
  const message = JSON.parse(text) as ReceivedSignal & { readonly receipt?: string };
  if (message.receipt !== undefined) return { type: 'receipt', sequence: Number(message.receipt) };
  return { type: 'signal', signal: message };
}

async function openGraphqlWire(socketUrl: string, { callId, role, deviceId, otherDeviceId }: Ends): Promise<Wire> {
  const socket = await openGraphqlSocket(`${socketUrl}/graphql`);
  subscribe(socket, `subscription { inbox(deviceId: "${deviceId}") { __typename callId kind payload fromDeviceId } }`);
  return {
    socket,
    callId,
    deviceId,
    frames: signalFrames(lines(role), { to: otherDeviceId, from: deviceId, callId }),
    read: (text) => readGraphqlFrame(socket, text, () => true),
  };
}
