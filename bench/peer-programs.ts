import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { WebSocket } from 'ws';

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
export const socketIo: Program = peer('socket.io', 'socket-io.js', {}, openSocketIoWire);
export const peerJs: Program = peer('peerjs', 'peerjs-server.js', {}, openPeerJsWire);
export const mercurius: Program = peer('mercurius', 'mercurius.js', {}, openGraphqlWire);
export const mercuriusJit: Program = peer('mercurius-jit', 'mercurius.js', { JIT: '1' }, openGraphqlWire);
export const yoga: Program = peer('yoga', 'yoga.js', {}, openGraphqlWire);
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

/** Engine.IO 4 and Socket.IO 5 by hand: `42`, the number of the acknowledgement, the event. */
async function openSocketIoWire(socketUrl: string, { callId, role, deviceId, otherDeviceId }: Ends): Promise<Wire> {
  const socket = await openSocket(`${socketUrl}/socket.io/?EIO=4&transport=websocket&id=${deviceId}`);
  socket.send('40');
  const script = lines(role).map(({ kind, payload }) =>
    `42${PLACE}${JSON.stringify(['signal', { to: otherDeviceId, key: PLACE, callId, kind, payload }])}`.split(PLACE),
  );
  return { socket, callId, deviceId, frames: script, read: (text) => readSocketIoFrame(socket, text) };
}

function readSocketIoFrame(socket: WebSocket, text: string): Incoming {
  if (text.startsWith('43')) return { type: 'receipt', sequence: Number.parseInt(text.slice(2), 10) };
  if (text.startsWith('42')) return { type: 'signal', signal: (JSON.parse(text.slice(2)) as [string, ReceivedSignal])[1] };
  if (text === '2') socket.send('3');
  return null;
}

const peerJsTypes = { OFFER: 'OFFER', ANSWER: 'ANSWER', ICE_CANDIDATE: 'CANDIDATE' } as const;

async function openPeerJsWire(socketUrl: string, { callId, role, deviceId, otherDeviceId }: Ends): Promise<Wire> {
  const socket = await openSocket(`${socketUrl}/peerjs/peerjs?key=peerjs&id=${deviceId}&token=${deviceId}`);
  const script = frames(lines(role), ({ kind, payload }) => ({
    type: peerJsTypes[kind],
    dst: otherDeviceId,
    payload: { callId, kind, payload },
  }));
  return { socket, callId, deviceId, frames: script, sendsReceipts: false, read: readPeerJsFrame };
}

function readPeerJsFrame(text: string): Incoming {
  const { src, payload } = JSON.parse(text) as { readonly src?: string; readonly payload?: Omit<ReceivedSignal, 'fromDeviceId'> };
  if (src === undefined || payload?.callId === undefined) return null;
  return { type: 'signal', signal: { ...payload, fromDeviceId: src } };
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
