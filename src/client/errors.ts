/**
 * The closed list of `extensions.code`; docs/errors.md says what each means and what a client does with it.
 *
 * @example
 * ```ts
 * const texts: Partial<Record<ErrorCode, string>> = { NOT_FOUND: 'There is nobody of that name.', ALREADY_IN_CALL: 'You are in a call.' };
 * await phone.call('ben').catch((error: unknown) => {
 *   if (error instanceof SwitchboardError) console.log(texts[error.code] ?? error.message);
 * });
 * ```
 */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'INVALID_CREDENTIALS'
  | 'USERNAME_TAKEN'
  | 'BAD_INPUT'
  | 'LIMIT_EXCEEDED'
  | 'NOT_FOUND'
  | 'CALL_STATE_CONFLICT'
  | 'ALREADY_IN_CALL'
  | 'RATE_LIMITED'
  | 'TOO_BUSY'
  | 'UNAVAILABLE'
  | 'BAD_QUERY'
  | 'INTERNAL';

/**
 * What stands beside the code in `extensions`, where it applies.
 *
 * @example
 * ```ts
 * const fieldOf = ({ details }: SwitchboardError): ErrorDetails['field'] => details.field;
 * await phone.register({ username: 'x', password: 'correct horse' }).catch((error: SwitchboardError) => console.log(fieldOf(error)));
 * ```
 */
export interface ErrorDetails {
  /** Of BAD_INPUT, USERNAME_TAKEN and others: the argument that is to blame. */
  readonly field?: string;
  /** Of LIMIT_EXCEEDED: the name of the limit. */
  readonly limit?: string;
  /** Of RATE_LIMITED and TOO_BUSY: milliseconds to wait. */
  readonly retryAfterMs?: number;
  /** Of ALREADY_IN_CALL: the call to return to. */
  readonly callId?: string;
  /** Of CALL_STATE_CONFLICT: how the call stands, how it ended, and the reasons that would fit. */
  readonly status?: string;
  readonly endReason?: string | null;
  readonly allowed?: readonly string[];
}

/**
 * The server refused. Act on `code`; the message is for people and may change.
 *
 * @example
 * ```ts
 * try {
 *   await phone.signIn({ username: 'ana', password: 'wrong horse' });
 * } catch (error) {
 *   if (error instanceof SwitchboardError && error.code === 'INVALID_CREDENTIALS') console.log('Try again.');
 *   else throw error;
 * }
 * ```
 */
export class SwitchboardError extends Error {
  override readonly name = 'SwitchboardError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/**
 * There was no answer: no server at the address, no network, or a connection that was closed. `closeCode` is the
 * WebSocket's, where there was one. `isFinal`: trying again would fail again, for the two do not speak the same protocol.
 *
 * @example
 * ```ts
 * phone.on('error', (error) => {
 *   if (error instanceof ConnectionError) console.warn('No connection', error.closeCode);
 * });
 * ```
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly closeCode: number | null;
  readonly isFinal: boolean;

  constructor(
    message: string,
    { closeCode = null, isFinal = false, cause }: { closeCode?: number | null; isFinal?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.closeCode = closeCode;
    this.isFinal = isFinal;
  }
}

/** The first of the errors of an answer, or INTERNAL where it is none of the server's. */
export function asSwitchboardError(errors: unknown): SwitchboardError {
  const [first] = Array.isArray(errors) ? (errors as readonly GraphQLErrorLike[]) : [];
  const { code, ...details } = first?.extensions ?? {};
  return new SwitchboardError((code ?? 'INTERNAL') as ErrorCode, first?.message ?? 'The server answered nothing.', details);
}

interface GraphQLErrorLike {
  readonly message?: string;
  readonly extensions?: { readonly code?: string } & ErrorDetails;
}
