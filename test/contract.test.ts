import { readFileSync } from 'node:fs';
import { buildSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { expect, test } from 'vitest';
import { contradictions, missing, undescribed } from './support/contract-comparison.js';
import { type SchemaOutline, outline } from './support/schema-outline.js';

const printedText = readFileSync('schema/schema.graphql', 'utf8');
const contractText = readFileSync('schema/contract.graphql', 'utf8');
const outlineOf = (sdl: string): SchemaOutline => outline(buildSchema(sdl));
const contract = outlineOf(contractText);

test('the printed schema says what the contract says', () => {
  expect(contradictions(contract, outlineOf(printedText))).toEqual([]);
});

test('the printed schema has all of the contract', () => {
  expect(missing(contract, outlineOf(printedText))).toEqual([]);
});

test('the printed schema describes every type, field, argument and value', () => {
  expect(undescribed(outlineOf(printedText))).toEqual([]);
});

test('the printed schema is sorted, so that a change of it is a change of the API', () => {
  const withoutHeader = printedText.replace(/^(?:#.*\n|\n)*/, '').trimEnd();
  expect(withoutHeader).toBe(printSchema(lexicographicSortSchema(buildSchema(printedText))));
});

// Each of these would break a client written against the contract.
test.for([
  ['another nullability', '  me: User!\n', '  me: User\n', 'Query.me is "User", the contract says "User!"'],
  ['another type', 'bytes: Int', 'bytes: Float', 'CallTimelineEntry.bytes is "Float", the contract says "Int"'],
  ['another default', 'first: Int = 100', 'first: Int = 50', 'Query.inbox(first:) is "Int = 50", the contract says "Int = 100"'],
  [
    'another default of an input',
    '= VIDEO',
    '= DATA',
    'CreateCallInput.media is "CallMedia = DATA", the contract says "CallMedia = VIDEO"',
  ],
  ['a value that has to be given', 'key: ID', 'key: ID!', 'CreateCallInput.key is "ID!", the contract says "ID"'],
  [
    'an input field that has to be given',
    'deviceName: String }',
    'deviceName: String captcha: String! }',
    'RegisterInput.captcha is required ("String!"), the contract does not know it',
  ],
  [
    'an argument that has to be given',
    'logout: Boolean!',
    'logout(all: Boolean!): Boolean!',
    'Mutation.logout(all:) is required ("Boolean!"), the contract does not know it',
  ],
  ['another kind', 'input LoginInput', 'input LoginInput @oneOf', 'LoginInput is "input @oneOf", the contract says "input"'],
] as const)('the contract tells %s', ([, from, to, sentence]) => {
  const altered = contractText.replace(from, to).replaceAll(/(input LoginInput @oneOf) \{[^}]*\}/g, '$1 { username: String }');
  expect(contradictions(contract, outlineOf(altered))).toContain(sentence);
});

test.for([
  ['a field', /  "At least one.*\n  online: Boolean!\n/, '', ['User.online']],
  [
    'an argument',
    'calls(first: Int = 20, after: String, filter: CallFilter)',
    'calls(first: Int = 20, filter: CallFilter)',
    ['Query.calls(after:)'],
  ],
  ['a field with its arguments', 'updateProfile(displayName: String!): User!', '', ['Mutation.updateProfile']],
  ['a value of an enum', 'AUDIO VIDEO', 'VIDEO', ['CallMedia.AUDIO']],
  ['a membership', 'type Ready implements InboxEvent', 'type Ready', ['Ready implements InboxEvent']],
  ['a type with its fields', /type Device \{.*\}/, 'type Gadget { id: ID! name: String! current: Boolean! }', ['Device']],
] as const)('the contract misses %s', ([, from, to, names]) => {
  const altered = contractText.replace(from, to).replaceAll(/\bDevice\b/g, to.includes('Gadget') ? 'Gadget' : 'Device');
  expect(missing(contract, outlineOf(altered))).toEqual(names);
});

test('the contract allows more than it names', () => {
  const more = contractText.replace('AUDIO VIDEO', 'AUDIO VIDEO SCREEN').replace('me: User!', 'me(verbose: Boolean): User!');
  expect(contradictions(contract, outlineOf(more))).toEqual([]);
});

test('a place without a description is told by its name', () => {
  const sdl = 'directive @d on FIELD type Query { "Described." a(b: Int): E } "Described." enum E { F }';
  expect(undescribed(outlineOf(sdl))).toEqual(['@d', 'E.F', 'Query.a(b:)']);
});
