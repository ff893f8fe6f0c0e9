import type { CallInfo } from '../../client/index.js';
import type { TimelineEntry } from '../operation-types.js';

/** Between whom a call is. */
export type DiagramCall = Pick<CallInfo, 'caller' | 'callee' | 'callerDeviceId' | 'calleeDeviceId'>;

/** A device or the server, as a line from top to bottom. */
export interface Lane {
  /** Of the device; `server`; or `callee` where no device of the callee occurs. */
  readonly id: string;
  readonly side: 'caller' | 'server' | 'callee';
  /** Whose device it is. */
  readonly title: string;
  readonly deviceId: string | null;
  readonly x: number;
}

/** Pixels at the left, for the times. */
export const gutter = 68;
const narrowestLane = 84;
const widestLane = 240;

/** The devices of the caller, the server, the devices of the callee; the one in the call first on each side. */
export function placeLanes(
  { caller, callee, callerDeviceId, calleeDeviceId }: DiagramCall,
  timeline: readonly TimelineEntry[],
  availableWidth: number,
): { lanes: Lane[]; width: number } {
  const devicesOf = (userId: string, first: string | null): string[] => {
    const seen = timeline.flatMap(({ user, deviceId }) => (user?.id === userId && deviceId !== null ? deviceId : []));
    return [...new Set(first === null ? seen : [first, ...seen])];
  };
  const callers = devicesOf(caller.id, callerDeviceId);
  const callees = devicesOf(callee.id, calleeDeviceId);
  const places: Omit<Lane, 'x'>[] = [
    ...callers.toReversed().map((id) => ({ id, side: 'caller' as const, title: caller.displayName, deviceId: id })),
    { id: 'server', side: 'server', title: 'Server', deviceId: null },
    ...callees.map((id) => ({ id, side: 'callee' as const, title: callee.displayName, deviceId: id })),
    ...(callees.length > 0 ? [] : [{ id: 'callee', side: 'callee' as const, title: callee.displayName, deviceId: null }]),
  ];
  const spacing = Math.min(widestLane, Math.max(narrowestLane, (availableWidth - gutter) / places.length));
  return {
    lanes: places.map((place, n) => ({ ...place, x: Math.round(gutter + spacing * (n + 0.5)) })),
    width: Math.round(gutter + spacing * places.length),
  };
}
