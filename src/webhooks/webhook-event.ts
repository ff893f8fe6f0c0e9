import type { CallMedia, CallStatus, EndReason } from '../calls/call-status.js';

/** An event of the outbox: the call as it was when that happened. */
export interface WebhookEvent {
  /** The webhook-id: the same for every try. */
  readonly id: string;
  /** Its place in the outbox; of one call the smaller is the earlier. */
  readonly seq: string;
  readonly kind: 'CREATED' | 'RINGING' | 'ANSWERED' | 'ENDED';
  readonly callId: string;
  readonly callerId: string;
  readonly calleeId: string;
  readonly media: CallMedia;
  readonly status: CallStatus;
  readonly endReason: EndReason | null;
  readonly ringExpiresAtMs: number;
  readonly happenedAtMs: number;
  /** With the one that was just begun. */
  readonly tries: number;
}

/** `call.created`, `call.ringing`, `call.answered` or `call.ended`. */
export function typeOf({ kind }: Pick<WebhookEvent, 'kind'>): string {
  return `call.${kind.toLowerCase()}`;
}

/** The body, by docs/webhooks.md: instants in ISO 8601 with milliseconds, and the same bytes for every try. */
export function bodyOf(event: WebhookEvent): string {
  const { callId, callerId, calleeId, media, status, endReason, ringExpiresAtMs, happenedAtMs } = event;
  const ringExpiresAt = new Date(ringExpiresAtMs).toISOString();
  return JSON.stringify({
    type: typeOf(event),
    timestamp: new Date(happenedAtMs).toISOString(),
    data: { callId, callerId, calleeId, media, status, endReason, ringExpiresAt },
  });
}
