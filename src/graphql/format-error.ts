import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isTransient } from '../db/database-error.js';
import { AppError, type ErrorCode } from '../errors.js';
import type { Logger } from '../logger.js';
import { faultText } from './fault-text.js';

export type FormatError = (error: GraphQLError) => GraphQLFormattedError;

/** A database that is away fails every operation there is: one line says so, and how often. */
const quietMs = 1_000;

/**
 * What a client is told of an error, on both transports: a code of the catalogue and what goes with it. The text of an
 * unexpected exception is never shown or logged, since it may hold what a user sent; its class and place are logged.
 */
export function errorFormatter({ logger, production }: { logger: Logger; production: boolean }): FormatError {
  let loggedAtMs = -Infinity;
  let unlogged = 0;

  const logTransient = (err: unknown, path: string | undefined): void => {
    if (performance.now() - loggedAtMs < quietMs) return void (unlogged += 1);
    logger.warn({ err, path, ...(unlogged === 0 ? {} : { unlogged }) }, 'the database did not answer');
    loggedAtMs = performance.now();
    unlogged = 0;
  };

  return (error) => {
    const cause = rootCause(error);
    if (cause instanceof AppError) return formatted(error, cause.code, cause.message, { ...cause.details });
    if (cause instanceof GraphQLError) return formatted(error, 'BAD_QUERY', faultText(cause.message, { hints: !production }), {});
    const path = error.path?.join('.');
    if (isTransient(cause)) {
      logTransient(cause, path);
      return formatted(error, 'UNAVAILABLE', 'The service cannot answer now.', {});
    }
    logger.error({ err: cause, path }, 'an operation failed unexpectedly');
    return formatted(error, 'INTERNAL', 'Something went wrong on the server.', {});
  };
}

/** What refused the operation: our own error, or the GraphQL error itself where the document or its variables are to blame. */
function rootCause(error: GraphQLError): unknown {
  let cause: unknown = error;
  while (cause instanceof GraphQLError && cause.originalError !== undefined) cause = cause.originalError;
  return cause;
}

function formatted(error: GraphQLError, code: ErrorCode, message: string, details: Record<string, unknown>): GraphQLFormattedError {
  return {
    message,
    ...(error.locations === undefined || error.locations.length === 0 ? {} : { locations: error.locations }),
    ...(error.path === undefined ? {} : { path: error.path }),
    extensions: { code, ...details },
  };
}
