import type { WebSocket } from 'ws';

import { frame, frames, type Frame, type Incoming, openSocket, type ReceivedSignal } from './wire.ts';
import { type Line, PLACE } from './script.ts';

/** graphql-transport-ws by hand: a client library in the load generator would be a part of every figure. */
interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: { readonly data?: Readonly<Record<string, unknown>> | null; readonly errors?: unknown };
}

export interface Receipt {
  readonly id: string;
  readonly delivery: string;
  readonly duplicate: boolean;
}

const SEND_SIGNAL = 'mutation ($input: SendSignalInput!) { sendSignal(input: $input) { id delivery duplicate } }';
const SUBSCRIPTION_ID = 'inbox';

export async function openGraphqlSocket(url: string, initPayload?: object, localAddress?: string): Promise<WebSocket> {
  const socket = await openSocket(url, 'graphql-transport-ws', localAddress);
  const acknowledged = nextMessage(socket, (message) => message.type === 'connection_ack');
  socket.send(JSON.stringify({ type: 'connection_init', ...(initPayload && { payload: initPayload }) }));
  await acknowledged;
  return socket;
}

export function subscribe(socket: WebSocket, query: string): void {
  socket.send(JSON.stringify({ id: SUBSCRIPTION_ID, type: 'subscribe', payload: { query } }));
}

/** Resolves with the first event of the subscription whose type is `typename`. */
export async function firstEvent(socket: WebSocket, typename: string): Promise<void> {
  await nextMessage(socket, (message) => (event(message) as { __typename?: string } | null)?.__typename === typename);
}

/** The input of each line carries a key of its own, and what the program needs to route it. */
export function signalFrames(script: readonly Line[], address: object): readonly Frame[] {
  return frames(script, ({ kind, payload }) => ({
    id: PLACE,
    type: 'subscribe',
    payload: { query: SEND_SIGNAL, variables: { input: { ...address, kind, payload, key: PLACE } } },
  }));
}

const PONG = frame({ type: 'pong' }).join('');

export function readGraphqlFrame(socket: WebSocket, text: string, isSignal: (event: unknown) => boolean): Incoming {
  const message = JSON.parse(text) as Message;
  switch (message.type) {
    case 'next': {
      if (message.payload?.errors !== undefined || !message.payload?.data) throw new Error(`The program answered ${text}`);
      if (message.id === SUBSCRIPTION_ID) {
        const received = event(message);
        return isSignal(received) ? { type: 'signal', signal: received as ReceivedSignal } : null;
      }
      return { type: 'receipt', sequence: sequenceOf(message) };
    }
    case 'ping':
      socket.send(PONG);
      return null;
    case 'error':
      throw new Error(`The program answered ${text}`);
    default:
      return null;
  }
}

function sequenceOf(message: Message): number {
  const receipt = message.payload?.data?.['sendSignal'] as Receipt | undefined;
  if (!receipt?.id || receipt.duplicate) throw new Error(`A receipt that promises nothing: ${JSON.stringify(message)}`);
  return Number(message.id);
}

/** Each subscription of the bench has one root field. */
function event(message: Message): unknown {
  if (message.id !== SUBSCRIPTION_ID) return null;
  for (const value of Object.values(message.payload?.data ?? {})) return value;
  return null;
}

async function nextMessage(socket: WebSocket, matches: (message: Message) => boolean): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: Error): void => {
      socket.off('message', onMessage);
      socket.off('close', onClose);
      if (error) reject(error);
      else resolve();
    };
    const onMessage = (data: Buffer): void => {
      const message = JSON.parse(data.toString()) as Message;
      if (message.type === 'error') settle(new Error(`The program answered ${data.toString()}`));
      else if (matches(message)) settle();
    };
    const onClose = (code: number, reason: Buffer): void =>
      settle(new Error(`The program closed the socket: ${code} ${reason.toString()}`));
    socket.on('message', onMessage);
    socket.on('close', onClose);
  });
}
