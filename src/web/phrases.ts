import { ConnectionError, SwitchboardError, type CallInfo } from '../client/index.js';

/** Whoever is on the other side of a call. */
export function otherOf({ direction, caller, callee }: CallInfo): CallInfo['caller'] {
  return direction === 'INCOMING' ? caller : callee;
}

/** Their account was deleted: there is nobody to call. */
export function isGone({ username }: CallInfo['caller']): boolean {
  return username === '';
}

/** How a call ended, in words for the one who was in it. `viewerId` is theirs. */
export function outcomeOf(info: CallInfo, viewerId: string | null): string {
  const other = otherOf(info).displayName;
  const isIncoming = info.direction === 'INCOMING';
  switch (info.endReason) {
    case null:
      return 'It is not over yet.';
    case 'HUNG_UP':
      return info.endedBy?.id === viewerId ? 'You hung up.' : `${other} hung up.`;
    case 'CANCELLED':
      return isIncoming ? `${other} gave up before you answered.` : 'You cancelled before an answer.';
    case 'DECLINED':
      return isIncoming ? 'You declined.' : `${other} declined.`;
    case 'BUSY':
      return isIncoming ? `You were busy when ${other} called.` : `${other} is busy in another call.`;
    case 'NO_ANSWER':
      return isIncoming ? `You did not answer ${other} in time.` : `${other} did not answer.`;
    case 'MEDIA_FAILED':
      return 'No way for sound and picture was found between the two devices.';
    case 'SIGNALING_LOST':
      return 'One of the devices was away from the server for too long.';
    case 'TERMINATED':
      return 'The server ended it: a device was signed out, or an account deleted.';
  }
}

/** The same in a word or two, for a list. */
export function briefOutcome(info: CallInfo): string {
  if (info.status !== 'ENDED') return info.status === 'ACTIVE' ? 'In progress' : 'Ringing';
  if (info.missed) return info.endReason === 'BUSY' ? 'Missed, you were busy' : 'Missed';
  switch (info.endReason) {
    case 'CANCELLED':
      return 'Cancelled';
    case 'DECLINED':
      return 'Declined';
    case 'BUSY':
      return 'Busy';
    case 'NO_ANSWER':
      return 'No answer';
    case 'MEDIA_FAILED':
      return 'No media';
    case 'SIGNALING_LOST':
      return 'Connection lost';
    case 'TERMINATED':
      return 'Ended by the server';
    case 'HUNG_UP':
    case null:
      return 'Answered';
  }
}

/** What a person is told of a failure. */
export function explain(error: unknown): string {
  if (error instanceof ConnectionError) return 'The server cannot be reached. It is tried again by itself.';
  if (!(error instanceof SwitchboardError)) return error instanceof Error ? error.message : String(error);
  const { code, message, details } = error;
  if (code === 'INVALID_CREDENTIALS') return 'Username and password do not match.';
  if (code === 'USERNAME_TAKEN') return 'Somebody has this username already.';
  if (code === 'RATE_LIMITED' || code === 'TOO_BUSY')
    return `Too much at once. Try again in ${Math.ceil((details.retryAfterMs ?? 1_000) / 1_000)} s.`;
  return message;
}
