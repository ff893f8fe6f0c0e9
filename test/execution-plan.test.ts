import fc from 'fast-check';
import {
  execute,
  getNamedType,
  isInterfaceType,
  isObjectType,
  NoUnusedVariablesRule,
  parse,
  specifiedRules,
  subscribe,
  validate,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLNamedOutputType,
} from 'graphql';
import { expect, test } from 'vitest';
import { AppError } from '../src/errors.js';
import { openSubscription, runOperation } from '../src/graphql/execution-plan.js';
import { createSchema } from '../src/graphql/schema.js';

const schema = createSchema();
/** A generated document declares variables that it may not use. */
const rules = specifiedRules.filter((rule) => rule !== NoUnusedVariablesRule);
const at = new Date('2026-01-01T00:00:00.000Z');
const user = { id: 'u1', username: 'ana', displayName: 'Ana "A" \u{1F4DE}', createdAt: at };
const call = {
  id: 'c1',
  callerId: 'u1',
  calleeId: 'u2',
  callerDeviceId: 'd1',
  calleeDeviceId: null,
  media: 'VIDEO',
  metadata: 'm\n',
  status: 'ENDED',
  endReason: 'NO_ANSWER',
  endedById: null,
  createdAt: at,
  ringExpiresAt: at,
  ringingAt: null,
  answeredAt: null,
  endedAt: at,
};
const event = { cursor: 'x', at };
const events = [
  { ...event, __typename: 'CallChanged', change: 'RINGING', callId: 'c1' },
  { ...event, __typename: 'SignalReceived', callId: 'c1', kind: 'OFFER', payload: 'v=0\r\n', fromUserId: 'u1', fromDeviceId: 'd1' },
];

/** Answers of every shape a resolver has: a value, a promise, an exception, a rejection. */
const context = {
  viewer: { userId: 'u2', deviceId: 'd2', tokenExpiresAt: at },
  users: {
    participant: () => Promise.resolve(user),
    me: () => user,
    find: (by: object) => Promise.resolve({ ...user, displayName: JSON.stringify(by) }),
  },
  calls: {
    byId: (_viewer: unknown, id: string) => Promise.resolve({ ...call, metadata: id }),
    active: () => [call, call],
    create: () => Promise.reject(new AppError('TOO_BUSY', 'busy')),
    accept: (_viewer: unknown, id: string) => ({ ...call, metadata: id }),
  },
  history: {
    page: (_viewer: unknown, ...asked: unknown[]) => ({
      edges: [{ cursor: 'x', node: call }],
      pageInfo: { endCursor: JSON.stringify(asked), hasNextPage: false },
    }),
    missedCount: () => 3,
    timeline: () => {
      throw new Error('broken');
    },
  },
  inbox: {
    page: (_viewer: unknown, ...asked: unknown[]) =>
      Promise.resolve({ events, cursor: JSON.stringify(asked), recovered: true, hasMore: false }),
    async *open(_viewer: unknown, after: string | null) {
      for (const one of events) yield await Promise.resolve({ ...one, cursor: String(after) });
    },
  },
  signals: {
    send: (_viewer: unknown, asked: object) => Promise.resolve({ id: JSON.stringify(asked), delivery: 'LIVE', duplicate: false }),
  },
  devices: { list: () => Promise.reject(new Error('broken')) },
  presence: { isOnline: () => Promise.resolve(true), isDeviceOnline: () => Promise.resolve(false) },
  blocks: { isBlocked: () => Promise.resolve(false), list: () => [user] },
};

/** Arguments as they may stand in a document: written out, and by variable. */
const argumentsOf: Readonly<Record<string, readonly string[]>> = {
  call: ['(id: "c7")', '(id: $text)'],
  user: ['(id: "u7")', '(username: $text)', ''],
  calls: ['', '(first: 7)', '(first: 3, after: $text, filter: { missed: true, direction: INCOMING })'],
  inbox: ['', '(after: "x7")', '(after: $text)'],
};

/** A selection set of that type, of random fields, aliases, fragments and directives. */
function selection(type: GraphQLNamedOutputType, depth: number, choose: (most: number) => number): string {
  if (!isObjectType(type) && !isInterfaceType(type)) return '';
  const fields = Object.values(type.getFields()).filter(
    ({ name, args }) => name in argumentsOf || args.every((arg) => !String(arg.type).endsWith('!')),
  );
  const parts = Array.from({ length: 1 + choose(4) }, (_, position) => {
    const field = fields[choose(fields.length)] ?? fields[0];
    const inner = getNamedType(field!.type);
    const composite = isObjectType(inner) || isInterfaceType(inner);
    if (composite && depth === 0) return '__typename';
    const alias = choose(3) === 0 ? `a${position}_${depth}: ` : '';
    const directive = ['', ' @include(if: $yes)', ' @skip(if: $yes)'][choose(60)] ?? '';
    const written = argumentsOf[field!.name] ?? [''];
    const given = field!.args.length > 0 ? written[choose(written.length)] : '';
    return `${alias}${field!.name}${given}${directive}${composite ? ` ${selection(inner, depth - 1, choose)}` : ''}`;
  });
  if (isInterfaceType(type)) {
    for (const possible of schema.getPossibleTypes(type))
      if (choose(2) === 0) parts.push(`... on ${possible.name} ${selection(possible, depth, choose)}`);
  }
  return `{ ${parts.join(' ')} __typename }`;
}

/** The data, and whether there are errors: of several in one object that becomes null any number may be told. */
const comparable = (result: Awaited<ReturnType<typeof execute>>) => ({
  data: JSON.parse(JSON.stringify(result.data ?? null)) as unknown,
  failed: result.errors !== undefined,
});

test('a compiled plan answers 1,000 generated operations as graphql-js does', async () => {
  const query = schema.getQueryType()!;
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat(1_000_000)), async (numbers) => {
      const choose = (most: number): number => (numbers.next().value as number) % most;
      const text = `query ($yes: Boolean!, $text: ID) ${selection(query, 4, choose)}`;
      const document = parse(text);
      if (validate(schema, document, rules).length > 0) return;
      const args = { schema, document, contextValue: context, variableValues: { yes: choose(2) === 0, text: 't7' } };
      const expected = { text, ...comparable(await execute(args)) };
      expect({ text, ...comparable(await runOperation(args)) }).toEqual(expected);
      expect({ text, ...comparable(await runOperation(args)) }).toEqual(expected);
      compared += 1;
    }),
    { numRuns: 3_000 },
  );
  expect(compared).toBeGreaterThanOrEqual(1_000);
});

test.each([
  'mutation ($text: ID!) { sendSignal(input: { callId: $text, kind: OFFER, payload: "v=0" }) { id a: delivery duplicate __typename } }',
  'mutation ($text: ID!) { a: acceptCall(id: $text) { id metadata caller { displayName } timeline { kind } } }',
  'mutation ($text: ID!) { acceptCall(id: $text) { ...of } } fragment of on Call { status callee { username } }',
  'mutation ($text: ID!) { createCall(input: { calleeId: $text }) { id } }',
  'mutation ($text: ID!) { endCall(id: $text, reason: HUNG_UP) { id } }',
  'mutation { __typename }',
  'mutation ($text: ID!) { acceptCall(id: $text) { id } markCallsSeen(upTo: $text) }',
])('a compiled plan answers as graphql-js does: %s', async (text) => {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const args = { schema, document, contextValue: context, variableValues: { text: 't7' } };
  const expected = comparable(await execute(args));
  for (const _time of [1, 2, 3]) expect(comparable(await runOperation(args))).toEqual(expected);
});

const readTold = (told: string | ExecutionResult) => comparable(typeof told === 'string' ? (JSON.parse(told) as ExecutionResult) : told);

test('a compiled plan streams generated subscriptions as graphql-js does, whichever way the cursor is given', async () => {
  let compared = 0;
  const all = async (results: ExecutionResult | AsyncIterable<ExecutionResult>) => {
    if (!(Symbol.asyncIterator in results)) return [comparable(results)];
    const seen = [];
    for await (const result of results) seen.push(comparable(result));
    return seen;
  };
  const allOpened = async (args: ExecutionArgs) => {
    const opened = await openSubscription(args);
    if (opened.errors !== undefined) return [comparable(opened)];
    const seen = [];
    for (let next = await opened.events.next(); next.done !== true; next = await opened.events.next())
      seen.push(readTold(await opened.tell(next.value)));
    return seen;
  };
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat(1_000_000)), async (numbers) => {
      const choose = (most: number): number => (numbers.next().value as number) % most;
      const event = schema.getType('InboxEvent') as GraphQLNamedOutputType;
      const text = `subscription ($yes: Boolean!, $text: ID) { inbox${argumentsOf['inbox']?.[choose(2)]} ${selection(event, 3, choose)} }`;
      const document = parse(text);
      if (validate(schema, document, rules).length > 0) return;
      const args = { schema, document, contextValue: context, variableValues: { yes: choose(2) === 0, text: 't7' } };
      const expected = { text, seen: await all(await subscribe(args)) };
      for (const _time of [1, 2, 3]) expect({ text, seen: await allOpened(args) }).toEqual(expected);
      compared += 1;
    }),
    { numRuns: 600 },
  );
  expect(compared).toBeGreaterThanOrEqual(200);
});
