/** A position in one inbox: behind the event with this `seq`, which was written `at` (µs). A start has the position before its first event. */
export interface Cursor {
  readonly seq: number;
  readonly at: number;
}

const digits = 16;

/** Fixed width and lower case, so that cursors sort bytewise in the order of events. */
export function encodeCursor({ seq, at }: Cursor): string {
  return seq.toString(16).padStart(digits, '0') + at.toString(16).padStart(digits, '0');
}

/** Null where the text is no cursor. One of another user or database is well-formed; only a look into the inbox tells. */
export function decodeCursor(text: string): Cursor | null {
  if (!/^[0-9a-f]{32}$/.test(text)) return null;
  const seq = Number.parseInt(text.slice(0, digits), 16);
  const at = Number.parseInt(text.slice(digits), 16);
  return Number.isSafeInteger(seq) && Number.isSafeInteger(at) ? { seq, at } : null;
}
