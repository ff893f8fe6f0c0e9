import { hash, randomUUID } from 'node:crypto';

/**
 * The id of a signal. With a key it is a hash of device, call and key, so that a second use finds the first without an
 * index of keys; as a UUID of version 8 (RFC 9562, section 5.8).
 */
export function signalId(deviceId: string, callId: string, key: string | null): string {
  if (key === null) return timeOrderedId();
  const hex = hash('sha256', `${deviceId}/${callId}/${key}`, 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

let stampMs = -1;
let stamp = '';

/** Version 7 (RFC 9562, section 5.7): milliseconds, then chance. Signals of one moment are neighbours in the index of ids. */
function timeOrderedId(): string {
  const nowMs = Date.now();
  if (nowMs !== stampMs) {
    const hex = nowMs.toString(16).padStart(12, '0');
    stampMs = nowMs;
    stamp = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
  }
  return stamp + randomUUID().slice(15);
}
