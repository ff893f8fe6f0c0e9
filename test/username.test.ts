import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requireDisplayName } from '../src/users/display-name.js';
import { foldName, parseUsername, requireUsername } from '../src/users/username.js';

test.for([
  ['ana', 'ana'],
  ['Ana_B.c-9', 'Ana_B.c-9'],
  ['a'.repeat(32), 'a'.repeat(32)],
  ['𝒜𝒜𝒜', 'AAA'],
  ['ａｎａ', 'ana'],
  ['A\u030alesund', '\u00c5lesund'],
  ['李小龙', '李小龙'],
  ['мария٣', 'мария٣'],
  ['김철수', '김철수'],
])('%j is a username, kept as %j', ([given, kept]) => {
  expect(parseUsername(given!)).toBe(kept);
});

test.for([
  '',
  'ab',
  'a'.repeat(33),
  'a b c',
  ' ana',
  'ana ',
  'ana@home',
  'a/b',
  'a:b',
  'ana\0',
  'an\ud800a',
  'ana\n',
  'ana\u200b',
  '½½½',
  '😀😀😀',
])('%j is no username', (given) => {
  expect(parseUsername(given)).toBeNull();
  expect(() => requireUsername(given)).toThrow(expect.objectContaining({ code: 'BAD_INPUT', details: { field: 'username' } }));
});

test.for(['ana\u3164', 'a\u1160na', '\u115fana', 'ana\uffa0', '\u3164\u3164\u3164'])(
  'nobody has %j, a letter of which is drawn as nothing',
  (given) => {
    expect(parseUsername(given)).toBeNull();
  },
);

test.for([
  ['ana', 'ANA'],
  ['ana', 'ａＮａ'],
  ['A\u030alesund', '\u00e5lesund'],
  ['ΣΟΦΙΑΣ', 'σοφιασ'],
  ['σοφιας', 'σοφιασ'],
  ['ﬁona', 'FIONA'],
])('%j and %j are one name', ([one, other]) => {
  expect(foldName(one!)).toBe(foldName(other!));
});

test('a folded name is folded, and folding is blind to case as it is typed', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\p{Script=Latin}\p{Script=Cyrillic}\p{N}_.-]{1,32}$/u), (name) => {
      expect(foldName(foldName(name))).toBe(foldName(name));
      expect(foldName(name.toLowerCase())).toBe(foldName(name));
    }),
  );
});

test.for([
  ['Ana', 'Ana'],
  ['  Ana María  ', 'Ana María'],
  ['x', 'x'],
  ['😀'.repeat(64), '😀'.repeat(64)],
  ['👩‍👩‍👧', '👩‍👩‍👧'],
])('%j is a display name, kept as %j', ([given, kept]) => {
  expect(requireDisplayName('displayName', given!)).toBe(kept);
});

test.for(['', '   ', '😀'.repeat(65), 'a\0b', 'a\nb', 'a\u0085b', 'a\u2028b', 'a\ud800', '\u200b'])('%j is no display name', (given) => {
  expect(() => requireDisplayName('deviceName', given)).toThrow(
    expect.objectContaining({ code: 'BAD_INPUT', details: { field: 'deviceName' } }),
  );
});

test.for(['\u3164', '\u2800\u2800', '\ufe0f', '\u034f\u115f', '\u0301', '\u{e0041}'])(
  'a display name shows something: %j does not',
  (given) => {
    expect(() => requireDisplayName('displayName', given)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  },
);

test.for(['\u202egpj.ana', 'ana\u202a', '\u2067ana\u2069'])(
  'a display name leaves the direction of the text beside it: %j does not',
  (given) => {
    expect(() => requireDisplayName('displayName', given)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  },
);

test.for(['אנה\u200f', 'नेहा', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}', '❤️', 'می\u200cخواهم'])(
  '%j is a display name',
  (given) => {
    expect(requireDisplayName('displayName', given)).toBe(given);
  },
);
