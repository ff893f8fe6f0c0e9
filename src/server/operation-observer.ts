import type { GraphQLFormattedError } from 'graphql';
import type { ErrorCode } from '../errors.js';

export type OperationOutcome = 'OK' | ErrorCode;

/** What is counted of operations. */
export interface OperationObserver {
  /** A query or mutation was answered, a subscription opened or refused; or an event of a subscription failed. */
  operation(transport: 'http' | 'websocket', outcome: OperationOutcome): void;
}

/** By its first error as a client is told it. */
export function outcomeOf(errors: readonly GraphQLFormattedError[] | undefined): OperationOutcome {
  const [first] = errors ?? [];
  // Every error has passed formatError, which gives codes of the catalogue only.
  return first === undefined ? 'OK' : (first.extensions?.['code'] as ErrorCode);
}
