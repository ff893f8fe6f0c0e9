import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { placesOf } from './support/access-document.js';
import { asks } from './support/access-operations.js';
import { judges } from './support/access-owner.js';
import { AccessRun, type Answered } from './support/access-run.js';
import { columnOf } from './support/access-stage.js';
import { columns, readAccess, readLabel, type AccessRow, type Column } from './support/access-table.js';
import { startServer } from './support/server.js';
import { transports } from './support/transports.js';

// The tables of docs/access.md, cell by cell, against the server.
const { operations, types } = readAccess();
const printedText = readFileSync('schema/schema.graphql', 'utf8');
const printed = buildSchema(printedText);
const contract = buildSchema(readFileSync('schema/contract.graphql', 'utf8'));

let answers: Answered[];
beforeAll(async () => {
  const server = await startServer({ TURN_URLS: 'turn:turn.example.org', TURN_SECRET: 'a secret of thirty-two bytes, or so' });
  const brief = await startServer({ DATABASE_URL: server.databaseUrl, ACCESS_TOKEN_SECONDS: '14' });
  answers = await AccessRun.askAll({ server, brief }, printed, operations);
  await server.stop();
}, 60_000);

/** The places of a schema that no row of the page is about. */
function rowless(schema: GraphQLSchema): string[] {
  const asked = new Set([...answers.flatMap(({ places }) => places), ...types.map(({ label }) => label)]);
  return placesOf(schema).filter((place) => !asked.has(place));
}

test('every operation, argument, input and type that is printed has a row', () => {
  expect(rowless(printed)).toEqual([]);
});

test.for([
  ['a query', 'type Query {', 'type Query { secrets: [String!]!', ['Query.secrets']],
  ['a mutation', 'type Mutation {', 'type Mutation { hangUpAll: Boolean!', ['Mutation.hangUpAll']],
  ['a subscription', 'type Subscription {', 'type Subscription { calls: Call!', ['Subscription.calls']],
  ['an argument', 'call(', 'call(asUser: ID', ['Query.call(asUser:)']],
  ['a field of an input', 'input SendSignalInput {', 'input SendSignalInput { from: ID', ['SendSignalInput.from']],
  ['a type', 'type Session {', 'type Secret { id: ID! } type Session { secret: Secret', ['Secret']],
] as const)('%s that is new has none, and is told by its name', ([, from, to, places]) => {
  expect(rowless(buildSchema(printedText.replace(from, to)))).toEqual(places);
});

test('every row is about something that is printed, or that the contract promises', () => {
  const known = new Set([...placesOf(printed), ...placesOf(contract)]);
  for (const { label } of types) expect(known).toContain(label);
  for (const { label } of operations) {
    const { field, args } = readLabel(label);
    const places = ['Query', 'Mutation', 'Subscription'].map((root) => `${root}.${field}`);
    expect(places.some((place) => known.has(place) && args.every((arg) => known.has(`${place}(${arg}:)`)))).toBe(true);
  }
  expect(Object.keys(asks).toSorted()).toEqual(operations.map(({ label }) => label).toSorted());
  expect(Object.keys(judges).toSorted()).toEqual(types.map(({ label }) => label).toSorted());
});

const cellOf = ({ viewer, transport }: Answered): string => `${viewer} over ${transport}`;

test.for(operations)('$label: each viewer is answered what docs/access.md says, and shown nothing that is not for them', ({ label }) => {
  const cells = answers.filter((it) => it.label === label);
  const table = (of: (cell: Answered) => unknown) => Object.fromEntries(cells.map((cell) => [cellOf(cell), of(cell)]));
  expect(table(({ answered }) => answered)).toEqual(table(({ documented }) => documented));
  expect(table(({ shown }) => shown.filter(({ owner }) => owner === 'foreign'))).toEqual(table(() => []));
  // Why somebody is not signed in is not told: no token, one that has run out, a device that was signed out.
  const refused = cells.filter(({ answered }) => answered === 'UNAUTHENTICATED');
  for (const transport of transports)
    expect(new Set(refused.filter((cell) => cell.transport === transport).map(({ body }) => body)).size).toBeLessThanOrEqual(1);
});

test.for(types)('$label: is shown to whom docs/access.md says', ({ label, cells }: AccessRow) => {
  const shownTo = (column: Column): string => {
    const owners = answers
      .filter(({ viewer }) => columnOf(viewer) === column)
      .flatMap(({ shown }) => shown.filter(({ type }) => type === label).map(({ owner }) => owner));
    return owners.includes('any') ? 'any' : owners.length > 0 ? 'own' : '—';
  };
  expect(Object.fromEntries(columns.map((column) => [column, shownTo(column)]))).toEqual(cells);
});
