import fc from 'fast-check';
import { executeSync, isLeafType, getNullableType, parse, validate, type GraphQLInterfaceType, type GraphQLObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { compileEventText } from '../src/graphql/event-text.js';
import { createSchema } from '../src/graphql/schema.js';

const schema = createSchema();
const inboxEvent = schema.getType('InboxEvent') as GraphQLInterfaceType;
const at = new Date('2026-01-01T00:00:00.123Z');
const common = { cursor: '0000000000000001', at };
const events = [
  { ...common, __typename: 'Ready', recovered: false },
  { ...common, __typename: 'CallChanged', change: 'ANSWERED_ELSEWHERE', callId: 'c1' },
  {
    ...common,
    __typename: 'SignalReceived',
    callId: 'c1',
    kind: 'OFFER',
    payload: 'v=0\r\n"\\ \u{1F4DE}\u2028\ud800',
    fromUserId: 'u1',
    fromDeviceId: 'd1',
  },
  { ...common, __typename: 'SessionExpiring', expiresAt: at },
  { ...common, __typename: 'ServerDraining', reconnectAfterMs: 1_500 },
] as const;

type Choose = (most: number) => number;

/** Fields under other names, some of them twice, and fragments within fragments; now and then one that takes more than reading. */
function selection(type: GraphQLObjectType | GraphQLInterfaceType, depth: number, choose: Choose): string {
  const plain = Object.values(type.getFields()).filter((field) => isLeafType(getNullableType(field.type)));
  const parts = Array.from({ length: 1 + choose(4) }, () => {
    const name = plain[choose(plain.length)]?.name ?? '__typename';
    return ['', `${name}_: `, `${type.name}${name}: `][choose(3)] + name;
  });
  if (depth > 0) {
    const narrower = type === inboxEvent ? schema.getPossibleTypes(inboxEvent) : [type as GraphQLObjectType];
    for (const possible of [inboxEvent, ...narrower])
      if (choose(2) === 0) parts.splice(choose(parts.length), 0, `... on ${possible.name} ${selection(possible, depth - 1, choose)}`);
  }
  if (type.name === 'SignalReceived' && choose(8) === 0) parts.push('from { id }');
  if (choose(3) === 0) parts.splice(choose(parts.length), 0, '__typename');
  if (choose(4) === 0) parts.push('...Named');
  return `{ ${parts.join(' ')} }`;
}

test('1,000 generated selections are written as graphql-js answers them, byte for byte, or not at all', () => {
  const compared = { written: 0, left: 0 };
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(1_000_000)), (numbers) => {
      const choose: Choose = (most) => (numbers.next().value as number) % most;
      const alias = choose(2) === 0 ? '' : 'told: ';
      const named = `fragment Named on ${['InboxEvent { at name: cursor }', 'SignalReceived { payload }'][choose(2)]}`;
      const text = `subscription { ${alias}inbox ${selection(inboxEvent, 3, choose)} } ${named}`;
      const document = parse(text);
      if (validate(schema, document).some(({ message }) => !message.includes('is never used'))) return;
      const write = compileEventText(schema, document);
      for (const event of events) {
        const written = write(event);
        compared[written === null ? 'left' : 'written'] += 1;
        if (written === null)
          expect({ text, event: event.__typename }).toEqual({ text: expect.stringContaining('from { id }'), event: 'SignalReceived' });
        else expect({ text, written }).toEqual({ text, written: JSON.stringify(executeSync({ schema, document, rootValue: event })) });
      }
    }),
    { numRuns: 2_500 },
  );
  expect(compared.written).toBeGreaterThanOrEqual(5_000);
  expect(compared.left).toBeGreaterThanOrEqual(50);
});

test('what has to be asked for, or cannot be told, is left to be executed', () => {
  const event = events[2];
  const write = (text: string, told: object = event) => compileEventText(schema, parse(text))(told);
  expect(write('subscription { inbox { cursor ... on SignalReceived { from { id } } } }')).toBeNull();
  expect(write('subscription { inbox { cursor ... on CallChanged { call { id } } } }')).not.toBeNull();
  expect(write('subscription { inbox { cursor } }', { ...event, cursor: null })).toBeNull();
  expect(write('subscription { inbox { cursor } }', { ...event, __typename: 'Unknown' })).toBeNull();
  expect(write('subscription { ...Root } fragment Root on Subscription { inbox { cursor } }')).toBeNull();
  // Of presence an event is an id, and not what is told.
  expect(write('subscription { presence(userIds: []) { id } }', { ...event, __typename: 'User', id: 'u1' })).toBeNull();
});
