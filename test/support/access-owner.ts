import type { Stage } from './access-stage.js';

/** Whose something is that a viewer was shown: what may be shown to them alone, to anybody who is signed in, or not to them. */
export type Owner = 'own' | 'any' | 'foreign';

export interface Shown {
  readonly type: string;
  readonly owner: Owner;
}

type Part = Readonly<Record<string, unknown>> & { readonly __typename: string };
type Judge = (part: Part, stage: Stage, inside: readonly string[]) => Owner;

const ownIf = (holds: boolean): Owner => (holds ? 'own' : 'foreign');
const idOf = (part: unknown): unknown => (part as { id?: unknown } | null)?.id;
/** As it stands in an answer of the viewer's own: judged by what is around or inside it. */
const container: Judge = () => 'own';

/** The last column of the types in docs/access.md. */
export const judges: Readonly<Record<string, Judge>> = {
  Session: ({ user }, { device }) => ownIf(idOf(user) === device.userId || (user as { username: string }).username.startsWith('new-')),
  Device: ({ id }, { device }, inside) => ownIf(inside.includes('Session') || id === device.id),
  User: ({ id }, { device, token }, inside) => (inside.includes('Session') || (token !== null && id === device.userId) ? 'own' : 'any'),
  Call: ({ id, caller, callee }, { device, viewer, callId }) =>
    ownIf([idOf(caller), idOf(callee)].includes(device.userId) && !(id === callId && viewer === 'blocker')),
  CallTimelineEntry: (_part, _stage, inside) => ownIf(inside.includes('Call')),
  CallConnection: container,
  CallEdge: container,
  PageInfo: container,
  InboxPage: container,
  CallChanged: ({ call }) => ownIf(call !== null),
  SignalReceived: ({ callId, from, fromDeviceId }, stage) =>
    ownIf(callId === stage.callId && idOf(from) === stage.other.userId && fromDeviceId === stage.other.id),
  SignalReceipt: container,
  Ready: container,
  SessionExpiring: container,
  ServerDraining: container,
  IceServers: container,
  IceServer: ({ username }, { device }) => ownIf(username === null || (username as string).endsWith(`:${device.userId}`)),
};

/** Every object in an answer, with whose it is. Throws for a type that nobody here can judge. */
export function shownIn(answer: unknown, stage: Stage, inside: readonly string[] = []): Shown[] {
  if (Array.isArray(answer)) return answer.flatMap((item) => shownIn(item, stage, inside));
  if (typeof answer !== 'object' || answer === null) return [];
  const type = (answer as Partial<Part>).__typename;
  const within = Object.values(answer).flatMap((value) => shownIn(value, stage, type === undefined ? inside : [...inside, type]));
  if (type === undefined) return within;
  const judge = judges[type];
  if (judge === undefined) throw new Error(`Nobody has said here whose a ${type} is.`);
  return [{ type, owner: judge(answer as Part, stage, inside) }, ...within];
}
