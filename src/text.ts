import { badInput } from './errors.js';

/** Whether Postgres and JSON carry the text unchanged: no NUL, no lone surrogate (pg replaces one silently). */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

export function requireStorable(field: string, text: string): void {
  if (!isStorable(text)) throw badInput(field, `${field} has to be well-formed Unicode without NUL.`);
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Ids are UUIDs; anything else names nothing. */
export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}

/** An idempotency key of a client: 1 to 64 bytes. */
export function requireKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes < 1 || bytes > 64) throw badInput('key', 'key has to have 1 to 64 bytes.');
  requireStorable('key', key);
}

export function requireFirst(first: number): void {
  if (first < 1 || first > 100) throw badInput('first', 'first has to be from 1 to 100.');
}

/** Characters as people count them in a limit: code points, not UTF-16 units. */
export function countCharacters(text: string): number {
  return Array.from(text).length;
}
