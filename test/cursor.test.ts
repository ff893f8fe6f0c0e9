import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../src/inbox/cursor.js';

const position = fc.record({ seq: fc.maxSafeNat(), at: fc.maxSafeNat() });

test('a cursor is read as it was written', () => {
  fc.assert(
    fc.property(position, (cursor) => {
      expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
    }),
  );
});

test('cursors sort bytewise as their positions do: by seq, and at the same seq by time', () => {
  fc.assert(
    fc.property(position, position, (a, b) => {
      const byPosition = Math.sign(a.seq - b.seq) || Math.sign(a.at - b.at);
      expect(Buffer.compare(Buffer.from(encodeCursor(a)), Buffer.from(encodeCursor(b)))).toBe(byPosition);
    }),
  );
});

test.for([
  [{ seq: 0, at: 0 }, '00000000000000000000000000000000'],
  [{ seq: 1, at: 255 }, '000000000000000100000000000000ff'],
  [{ seq: Number.MAX_SAFE_INTEGER, at: 1_795_518_000_000_000 }, '001fffffffffffff000661039c93ec00'],
] as const)('the width is fixed, so that a stored cursor can be compared for ever: %j', ([cursor, text]) => {
  expect(encodeCursor(cursor)).toBe(text);
  expect(decodeCursor(text)).toEqual(cursor);
});

test.for([
  '',
  '0',
  '0'.repeat(31),
  '0'.repeat(33),
  `${'0'.repeat(31)}G`,
  `${'0'.repeat(31)}A`,
  ` ${'0'.repeat(31)}`,
  `${'0'.repeat(32)}\n`,
  'f'.repeat(32),
])('what is no cursor reads as none: %j', (text) => expect(decodeCursor(text)).toBeNull());

test('whatever text is sent, it reads as none or as what it says', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f]{32}$/)), (text) => {
      const cursor = decodeCursor(text);
      if (cursor !== null) expect(encodeCursor(cursor)).toBe(text);
    }),
  );
});
