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

const by = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('ana/phone' as const, 'ben/phone' as const) },
  { weight: 5, arbitrary: fc.constantFrom(...deviceNames) },
);
const to = fc.constantFrom('ben', 'ana', 'ben', 'ana', 'cleo' as const);
const way = fc.constantFrom('socket' as const, 'HTTP' as const);
const call = fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(1, 2) });
const key = fc.constantFrom(null, 'k', null, 'k', 'l');
const reason = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 4, arbitrary: fc.constantFrom<EndReason>('HUNG_UP', 'CANCELLED', 'DECLINED', 'BUSY', 'MEDIA_FAILED') },
  { weight: 1, arbitrary: fc.constantFrom<EndReason>('NO_ANSWER', 'SIGNALING_LOST', 'TERMINATED') },
);
const kind = fc.constantFrom<SignalKind>('OFFER', 'ANSWER', 'ANSWER', 'ICE_CANDIDATE', 'CUSTOM');
const payload = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('x', 'y') },
  { weight: 1, arbitrary: fc.constantFrom('', 'v=0\r\n"ä" \u2028\u{1F4DE}') },
);
const block = fc.constantFrom('block' as const, 'unblock' as const, 'unblock' as const);

const command = fc.oneof<fc.WeightedArbitrary<Command>[]>(
  { weight: 10, arbitrary: fc.record({ do: fc.constant('create' as const), by, to, key, ring: fc.constantFrom(60, 60, 60, 61), way }) },
  { weight: 11, arbitrary: fc.record({ do: fc.constant('accept' as const), by, call, way }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('end' as const), by, call, reason, way }) },
  { weight: 16, arbitrary: fc.record({ do: fc.constant('send' as const), by, call, kind, payload, key, way }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('seen' as const), by, call }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('connect' as const), by, anew: fc.constantFrom(false, false, true) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('leave' as const), by, how: fc.constantFrom('cut' as const, 'goodbye' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('page' as const), by, anew: fc.constantFrom(false, false, true) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('expire' as const), call }) },
  { weight: 2, arbitrary: fc.record({ do: block, by, whom: to }) },
);

/** Who is there at the beginning, and what happens then. */
export interface Story {
  readonly online: readonly DeviceName[];
  readonly commands: readonly Command[];
}

/** Not biased towards short ones: a fault needs a call that lives, and a device that comes late to it. */
export const stories: fc.Arbitrary<Story> = fc.noBias(
  fc.record({
    online: fc.subarray([...deviceNames]),
    commands: fc.array(command, { minLength: 5, maxLength: 25, size: 'max' }),
  }),
);
