import { encodeCursor, type Cursor, type InboxEvent, type Reader, type StreamStart } from '../inbox/inbox.js';
import type { SignalKind } from './signal.repository.js';

export type CallChange = 'CREATED' | 'RINGING' | 'ANSWERED' | 'ANSWERED_ELSEWHERE' | 'ENDED';

/** Events as the API shows them. `__typename` tells which of the interface's types one is. */
export type InboxEventView =
  | { __typename: 'Ready'; cursor: string; at: Date; recovered: boolean }
  | { __typename: 'SessionExpiring'; cursor: string; at: Date; expiresAt: Date }
  | { __typename: 'ServerDraining'; cursor: string; at: Date; reconnectAfterMs: number }
  | { __typename: 'CallChanged'; cursor: string; at: Date; change: CallChange; callId: string }
  | {
      __typename: 'SignalReceived';
      cursor: string;
      at: Date;
      callId: string;
      kind: SignalKind;
      payload: string;
      fromUserId: string;
      fromDeviceId: string;
    };

export function viewStart({ position, now, recovered }: StreamStart): InboxEventView {
  return { __typename: 'Ready', cursor: encodeCursor(position), at: instant(now), recovered };
}

/** What streams are told beside the events, see `Inbox.tell`. */
export type InboxNotice = { __typename: 'SessionExpiring'; expiresAt: Date } | { __typename: 'ServerDraining'; reconnectAfterMs: number };

export function viewNotice(notice: InboxNotice & { readonly at: Date }, position: Cursor): InboxEventView {
  return { ...notice, cursor: encodeCursor(position) };
}

/** One event, computed for the reader: where the device that answered reads ANSWERED, the other devices of its user read ANSWERED_ELSEWHERE. */
export function viewEvent(event: InboxEvent, reader: Reader): InboxEventView {
  const { callId, kind, fromUserId, fromDeviceId, body } = event;
  const cursor = encodeCursor(event);
  const at = instant(event.at);
  if (body !== null && fromUserId !== null && fromDeviceId !== null) {
    return { __typename: 'SignalReceived', cursor, at, callId, kind: kind as SignalKind, payload: body, fromUserId, fromDeviceId };
  }
  const elsewhere = kind === 'ANSWERED' && fromUserId === reader.userId && fromDeviceId !== reader.deviceId;
  return { __typename: 'CallChanged', cursor, at, change: elsewhere ? 'ANSWERED_ELSEWHERE' : (kind as CallChange), callId };
}

function instant(us: number): Date {
  return new Date(Math.floor(us / 1_000));
}
