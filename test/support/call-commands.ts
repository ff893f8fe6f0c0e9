import fc from 'fast-check';
import type { EndReason, SignalKind } from '../../src/client/gql/graphql.js';

export const deviceNames = ['ana/phone', 'ana/laptop', 'ana/watch', 'ben/phone', 'ben/tablet', 'ben/desk', 'cleo/phone'] as const;
export type DeviceName = (typeof deviceNames)[number];
export const userNames = ['ana', 'ben', 'cleo'] as const;
export type UserName = (typeof userNames)[number];

/** Over the device's socket, if it has one at that moment; else by a plain request. */
type Way = 'socket' | 'HTTP';

/** `call` counts back from the newest call of the story; one that is not there yet stands for an id that nobody knows. */
export type Command =
  | { do: 'create'; by: DeviceName; to: UserName; key: string | null; ring: number; way: Way }
  | { do: 'accept'; by: DeviceName; call: number; way: Way }
  | { do: 'end'; by: DeviceName; call: number; reason: EndReason | null; way: Way }
  | { do: 'send'; by: DeviceName; call: number; kind: SignalKind; payload: string; key: string | null; way: Way }
  | { do: 'seen'; by: DeviceName; call: number }
  | { do: 'connect'; by: DeviceName; anew: boolean }
  | { do: 'leave'; by: DeviceName; how: 'cut' | 'goodbye' }
  | { do: 'page'; by: DeviceName; anew: boolean }
  | { do: 'expire'; call: number }
  | { do: 'block' | 'unblock'; by: DeviceName; whom: UserName };

/** What comes back, in the words of the story: numbers of calls and names of devices, or a code with its details. */
export type Answer = Readonly<Record<string, unknown>>;

/** Now one, now the other, in these shares. */
const oneOf = <Value>(...shares: readonly (readonly [weight: number, ...values: readonly Value[]])[]): fc.Arbitrary<Value> =>
  fc.oneof(...shares.map(([weight, ...values]) => ({ weight, arbitrary: fc.constantFrom(...values) })));

const by = oneOf<DeviceName>([5, 'ana/phone', 'ben/phone'], [4, 'ana/laptop', 'ana/watch', 'ben/tablet', 'ben/desk'], [1, 'cleo/phone']);
const whom = oneOf<UserName>([14, 'ana', 'ben'], [1, 'cleo']);
const way = fc.constantFrom('socket' as const, 'HTTP' as const);
const call = oneOf([12, 0], [1, 1, 2]);
const key = oneOf<string | null>([3, null], [2, 'k'], [1, 'l']);
const reason = oneOf<EndReason | null>(
  [3, null],
  [5, 'HUNG_UP', 'CANCELLED', 'DECLINED', 'BUSY', 'MEDIA_FAILED'],
  [1, 'NO_ANSWER', 'SIGNALING_LOST', 'TERMINATED'],
);
const anew = oneOf([2, false], [1, true]);

/** Seldom to oneself. */
const ends = fc.oneof(
  { weight: 15, arbitrary: fc.record({ by, to: whom }).filter((pair) => !pair.by.startsWith(pair.to)) },
  { weight: 1, arbitrary: fc.constant({ by: 'ana/phone', to: 'ana' } as const) },
);
const create = fc
  .tuple(ends, key, oneOf([6, 60], [1, 61]), way)
  .map(([pair, used, ring, over]): Command => ({ do: 'create', ...pair, key: used, ring, way: over }));

const kind = fc.constantFrom<SignalKind>('OFFER', 'ANSWER', 'ANSWER', 'ICE_CANDIDATE', 'CUSTOM');
const payload = oneOf([3, 'x', 'y'], [1, '', 'v=0\r\n"ä" \u2028\u{1F4DE}']);
const signal = fc.record({ do: fc.constant('send' as const), by, call, kind, payload, key: fc.constant(null), way });
/** Mostly the same again. */
const keyed = fc.record({
  do: fc.constant('send' as const),
  by,
  call,
  kind: oneOf<SignalKind>([4, 'CUSTOM'], [1, 'ANSWER']),
  payload: oneOf([4, 'x'], [1, 'y']),
  key: oneOf([3, 'k'], [1, 'l']),
  way,
});

const command = fc.oneof<fc.WeightedArbitrary<Command>[]>(
  { weight: 9, arbitrary: create },
  { weight: 11, arbitrary: fc.record({ do: fc.constant('accept' as const), by, call, way }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('end' as const), by, call, reason, way }) },
  { weight: 9, arbitrary: signal },
  { weight: 9, arbitrary: keyed },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('seen' as const), by, call }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('connect' as const), by, anew }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('leave' as const), by, how: fc.constantFrom('cut' as const, 'goodbye' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('page' as const), by, anew }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('expire' as const), call }) },
  { weight: 2, arbitrary: fc.record({ do: oneOf<'block' | 'unblock'>([1, 'block'], [1, 'unblock']), by, whom }) },
);

/** Who is there at the beginning, and what happens then. */
export interface Story {
  readonly online: readonly DeviceName[];
  readonly commands: readonly Command[];
}

/** What was asked is asked again now and then, as after an answer that got lost. */
const asked = fc.tuple(command, oneOf([6, 1], [1, 2])).map(([once, times]) => Array.from({ length: times }, () => once));

/** Not biased towards short ones: a fault needs a call that lives, and a device that comes late to it. */
export const stories: fc.Arbitrary<Story> = fc.noBias(
  fc.record({
    online: fc.subarray([...deviceNames], { maxLength: 5 }),
    commands: fc
      .tuple(fc.array(command, { maxLength: 2 }), create, fc.array(asked, { minLength: 1, maxLength: 20, size: 'max' }))
      .map(([before, first, behind]) => [...before, first, ...behind.flat()]),
  }),
);
