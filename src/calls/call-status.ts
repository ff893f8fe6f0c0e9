/** In the order a call can go through them; Postgres compares them in this order too. */
export const callStatuses = ['CREATED', 'RINGING', 'ACTIVE', 'ENDED'] as const;
export type CallStatus = (typeof callStatuses)[number];

export const callMedia = ['AUDIO', 'VIDEO', 'DATA'] as const;
export type CallMedia = (typeof callMedia)[number];

export const endReasons = [
  'HUNG_UP',
  'CANCELLED',
  'DECLINED',
  'BUSY',
  'NO_ANSWER',
  'MEDIA_FAILED',
  'SIGNALING_LOST',
  'TERMINATED',
] as const;
export type EndReason = (typeof endReasons)[number];

/** The reasons that a party may give; the rest is for the server to say. */
export const clientEndReasons = ['HUNG_UP', 'CANCELLED', 'DECLINED', 'BUSY', 'MEDIA_FAILED'] as const satisfies readonly EndReason[];

/** Who asks to end a call, and when: before an answer by role; after it, by whether their device is the one in the call. */
export type Ending = 'callerBeforeAnswer' | 'calleeBeforeAnswer' | 'deviceInCall' | 'otherDevice';

/**
 * The reasons that fit, and the one that is meant where none was given. From another device than the one in the call
 * nothing is meant: a late decline on a tablet must not hang up what the phone just answered.
 */
export const endings: Readonly<Record<Ending, { allowed: readonly EndReason[]; meant: EndReason | null }>> = {
  callerBeforeAnswer: { allowed: ['CANCELLED', 'MEDIA_FAILED'], meant: 'CANCELLED' },
  calleeBeforeAnswer: { allowed: ['DECLINED', 'BUSY', 'MEDIA_FAILED'], meant: 'DECLINED' },
  deviceInCall: { allowed: ['HUNG_UP', 'MEDIA_FAILED'], meant: 'HUNG_UP' },
  otherDevice: { allowed: ['HUNG_UP'], meant: null },
};

const missedReasons: readonly (EndReason | null)[] = ['NO_ANSWER', 'CANCELLED', 'BUSY'];

/** Incoming, and over without the callee having had the chance to talk. */
export function isMissed(call: { calleeId: string; endReason: EndReason | null }, viewerId: string): boolean {
  return call.calleeId === viewerId && missedReasons.includes(call.endReason);
}
