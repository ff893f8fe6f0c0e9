import { WebSocket } from 'ws';

import { type Line, PLACE, sequenceText } from './script.ts';

export interface ReceivedSignal {
  readonly callId: string;
  readonly kind: string;
  readonly payload: string;
  readonly fromDeviceId: string;
}

/** What a frame means to the script. Frames that mean nothing to it (`complete`, a pong, a change of the call) are null. */
export type Incoming =
  | { readonly type: 'receipt'; readonly sequence: number }
  | { readonly type: 'signal'; readonly signal: ReceivedSignal }
  | null;

/** One side of a pair: connected, subscribed, its frames made ready. */
export interface Wire {
  readonly socket: WebSocket;
  /** What the other side must see on each of this side's signals. */
  readonly callId: string;
  readonly deviceId: string;
  readonly frames: readonly Frame[];
  /** False where the program acknowledges nothing: a signal that has arrived counts as acknowledged, then. */
  readonly sendsReceipts?: boolean;
  /** Throws where the program answers with an error. */
  read(text: string): Incoming;
}

export interface Link {
  readonly caller: Wire;
  readonly callee: Wire;
}

/** A frame cut at the places of the sequence number: to make one, the load generator joins and does not serialise. */
export type Frame = readonly string[];

export function frame(message: unknown): Frame {
  return JSON.stringify(message).split(PLACE);
}

export function fill(parts: Frame, sequence: number): string {
  return parts.join(sequenceText(sequence));
}

export function frames(script: readonly Line[], message: (line: Line) => unknown): readonly Frame[] {
  return script.map((line) => frame(message(line)));
}

export async function openSocket(url: string, protocol?: string, localAddress?: string): Promise<WebSocket> {
  const options = { perMessageDeflate: false, ...(localAddress === undefined ? {} : { localAddress }) };
  const socket = protocol === undefined ? new WebSocket(url, options) : new WebSocket(url, protocol, options);
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return socket;
}
