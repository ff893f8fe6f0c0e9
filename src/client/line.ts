import type { Connection } from './connection.js';
import type { CallPartsFragment, EndReason, SignalKind } from './gql/graphql.js';
import { acceptCallOperation, endCallOperation, sendSignalOperation } from './operations.js';
import type { PeerConnections } from './peer-connections.js';
import { retrying } from './retry.js';

/** What a call does on the server: each waits out what will pass, and rejects with what will not. */
export interface Line {
  /** Of this device. */
  readonly deviceId: string;
  /** Null where this device only signals, and the application brings its own peer. */
  readonly peerConnections: PeerConnections | null;
  accept(callId: string): Promise<CallPartsFragment>;
  end(callId: string, reason: EndReason | null, detail: string | null): Promise<CallPartsFragment>;
  send(signal: { callId: string; kind: SignalKind; payload: string; key: string }): Promise<unknown>;
}

export function createLine(connection: Connection, deviceId: string, peerConnections: PeerConnections | null): Line {
  return {
    deviceId,
    peerConnections,
    accept: async (id) => (await retrying(() => connection.request(acceptCallOperation, { id }))).acceptCall,
    end: async (id, reason, detail) => (await retrying(() => connection.request(endCallOperation, { id, reason, detail }))).endCall,
    // The queue retries: it knows when the call is over.
    send: (input) => connection.request(sendSignalOperation, { input }),
  };
}
