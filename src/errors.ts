/**
 * The closed catalogue of error codes. `extensions.code` of every error that leaves the server is one of these;
 * docs/errors.md lists the same and a test compares the two.
 */
export const errorCodes = {
  UNAUTHENTICATED: 'The access token is missing, expired or revoked. Refresh the session once, then ask to log in.',
  INVALID_CREDENTIALS: 'Username and password do not match. Show it in the form.',
  USERNAME_TAKEN: 'Somebody has this username. Ask for another.',
  BAD_INPUT: 'A value is not acceptable; `field` names it. Mend it, do not retry.',
  LIMIT_EXCEEDED:
    'A size or count is over its limit; `limit` names the LIMIT_ variable, `field` the value where there is one. Shrink it, do not retry.',
  NOT_FOUND: 'There is no such thing for this viewer. Drop it locally.',
  CALL_STATE_CONFLICT: 'The call is not in a state that allows this; `status`, `endReason` and `allowed` say what holds. Stop ringing.',
  ALREADY_IN_CALL: 'The caller is in another call; `callId` names it. Offer to return to it, or end it and dial again.',
  RATE_LIMITED: 'Too many in too short a time. Wait `retryAfterMs`, then retry with the same key.',
  TOO_BUSY: 'A queue of the server is full. Wait `retryAfterMs`, then retry with the same key.',
  UNAVAILABLE: 'The database cannot be reached, or the outcome is not known. Back off, then retry with the same key.',
  BAD_QUERY: 'The GraphQL document is not valid for this API. Report the bug.',
  INTERNAL: 'A fault of the server. Retry once with the same key, then report it.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** What a client needs beside the code. Never a payload, a token or the text of an exception. */
export interface ErrorDetails {
  field?: string;
  limit?: string;
  status?: string;
  endReason?: string | null;
  allowed?: readonly string[];
  callId?: string;
  retryAfterMs?: number;
}

/** A failure that a client is told about: the code is its contract, the message is for people. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** A value that is not acceptable; `field` is the bare name of the argument or input field. */
export function badInput(field: string, message: string): AppError {
  return new AppError('BAD_INPUT', message, { field });
}

/** One answer for what does not exist and for what the viewer may not see. */
export function callNotFound(): AppError {
  return new AppError('NOT_FOUND', 'There is no such call.');
}
