import { execute, GraphQLError, parse, validate, type ExecutionResult } from 'graphql';
import { expect, test } from 'vitest';
import { runOperation } from '../src/graphql/execution-plan.js';
import { faultText } from '../src/graphql/fault-text.js';
import { createSchema } from '../src/graphql/schema.js';

const schema = createSchema();

/** What graphql says of a document and its variables, before anything is taken out of it. */
function faultsOf(query: string, variables: Record<string, unknown> = {}): string[] {
  try {
    const document = parse(query);
    const errors = validate(schema, document);
    if (errors.length > 0) return errors.map(({ message }) => message);
    const operation = { schema, document, variableValues: variables, contextValue: { viewer: null } };
    // What comes again runs by a compiled plan, which has sentences of its own.
    const results = [execute, runOperation, runOperation, runOperation].map((run) => run(operation) as ExecutionResult);
    return results
      .flatMap(({ errors }) => errors ?? [])
      .map(({ originalError, message }) => (originalError instanceof GraphQLError ? originalError.message : message));
  } catch (error) {
    return [(error as Error).message];
  }
}

const canary = '; Expected type canary; Did you mean "canary"?';
const text = JSON.stringify(canary);
const login = 'mutation ($input: LoginInput!) { login(input: $input) { expiresAt } }';

test.for<[query: string, variables: Record<string, unknown>, told: string]>([
  [login, { input: { username: 'ana', password: { canary } } }, 'String cannot represent a non string value.'],
  [login, { input: { username: ['x', canary], password: 'p' } }, 'String cannot represent a non string value.'],
  [login, { input: canary }, 'Expected type "LoginInput" to be an object.'],
  ['query ($first: Int) { calls(first: $first) { edges { cursor } } }', { first: canary }, 'Int cannot represent non-integer value.'],
  ['query ($id: ID!) { call(id: $id) { id } }', { id: { canary } }, 'ID cannot represent value.'],
  [
    'mutation ($reason: EndReason) { endCall(id: 1, reason: $reason) { id } }',
    { reason: canary },
    'This value does not exist in "EndReason" enum.',
  ],
  [
    'mutation ($reason: EndReason) { endCall(id: 1, reason: $reason) { id } }',
    { reason: { canary } },
    'Enum "EndReason" cannot represent non-string value.',
  ],
  [
    `mutation { login(input: { username: "ana", password: { canary: ${text} } }) { expiresAt } }`,
    {},
    'String cannot represent a non string value.',
  ],
  [`mutation { login(input: ${text}) { expiresAt } }`, {}, 'Expected value of type "LoginInput!".'],
  [`mutation { endCall(id: 1, reason: ${text}) { id } }`, {}, 'Enum "EndReason" cannot represent non-enum value.'],
  [`{ calls(first: ${text}) { edges { cursor } } }`, {}, 'Int cannot represent non-integer value.'],
  [`mutation { login(input: { username: "ana" ${text} }) { expiresAt } }`, {}, 'Syntax Error: Expected Name, found String.'],
  [`mutation { login(input: { username: "ana" """${canary}""" }) { expiresAt } }`, {}, 'Syntax Error: Expected Name, found BlockString.'],
  ['mutation { endCall(id: 1, detail: the canary) { id } }', {}, 'Syntax Error: Expected ":", found ")".'],
  ['{ me { id } } canary', {}, 'Syntax Error: Unexpected Name.'],
  ['{ me { id } } 5canary', {}, 'Syntax Error: Invalid number, expected digit but got: "c".'],
  ['{ me { id } } 123456', {}, 'Syntax Error: Unexpected Int.'],
  ['{ me(a: 1.5 canary 2.5) { id } }', {}, 'Syntax Error: Expected ":", found Float.'],
])('a fault is told without the value: %s %j', ([query, variables, told]) => {
  const faults = faultsOf(query, variables);
  expect(faults.length).toBeGreaterThan(0);
  for (const message of faults) {
    expect(faultText(message, { hints: true })).not.toContain('canary');
    expect(faultText(message, { hints: false })).toBe(faultText(message, { hints: true }));
  }
  expect(faults.map((message) => faultText(message, { hints: true }))).toContain(told);
});

test.for<[query: string, variables: Record<string, unknown>, told: string, hint: string]>([
  ['{ me { usernam } }', {}, 'Cannot query field "usernam" on type "User".', ' Did you mean "username"?'],
  [
    'mutation { endCall(id: 1, reason: DECLINE) { id } }',
    {},
    'This value does not exist in "EndReason" enum.',
    ' Did you mean the enum value "DECLINED"?',
  ],
  [
    'mutation ($r: EndReason) { endCall(id: 1, reason: $r) { id } }',
    { r: 'DECLINE' },
    'This value does not exist in "EndReason" enum.',
    ' Did you mean the enum value "DECLINED"?',
  ],
  [
    '{ inbox { events { change } } }',
    {},
    'Cannot query field "change" on type "InboxEvent".',
    ' Did you mean to use an inline fragment on "CallChanged"?',
  ],
  ['{ call(idd: 1) { id } }', {}, 'Unknown argument "idd" on field "Query.call".', ' Did you mean "id"?'],
])('a name that would have fitted is a hint, which can be left out: %s %j', ([query, variables, told, hint]) => {
  const faults = faultsOf(query, variables);
  expect(faults.map((message) => faultText(message, { hints: true }))).toContain(told + hint);
  expect(faults.map((message) => faultText(message, { hints: false }))).toContain(told);
});

test('the name of an operation that is asked for and is not there is not repeated', () => {
  const told = faultText('Unknown operation named "canary" or ".".', { hints: true });
  expect(told).toBe('The document has no operation of that name.');
});

test('a value that repeats the words of a fault is cut off as quickly as any other', () => {
  const before = process.cpuUsage();
  const told = faultText(`String cannot represent a non string value: ${' cannot represent'.repeat(15_000)}`, { hints: true });
  expect(told).toBe('String cannot represent a non string value.');
  // Tens of milliseconds; it took seconds to search it again from each repetition.
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(500);
});
