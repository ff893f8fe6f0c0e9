import { AppError } from './errors.js';

/**
 * Every limit by the name of its variable, with its default. A rate or a count may be lifted with 0, a size may not.
 * docs/operations.md and .env.example say the same; a test keeps them equal.
 */
export const limitDefinitions = {
  LIMIT_MESSAGE_BYTES: { default: 262_144, kind: 'size', meaning: 'bytes of a WebSocket message or an HTTP body' },
  LIMIT_SIGNAL_BYTES: { default: 32_768, kind: 'size', meaning: "bytes of a signal's payload in UTF-8" },
  LIMIT_METADATA_BYTES: { default: 1_024, kind: 'size', meaning: "bytes of a call's metadata in UTF-8" },
  LIMIT_OPERATION_TOKENS: { default: 1_000, kind: 'size', meaning: 'tokens of a GraphQL document' },
  LIMIT_OPERATION_DEPTH: { default: 8, kind: 'size', meaning: 'depth of a GraphQL operation' },
  LIMIT_OPERATION_ALIASES: { default: 15, kind: 'size', meaning: 'aliases and repeated fields of a GraphQL document' },
  LIMIT_OPERATION_ROOT_FIELDS: { default: 5, kind: 'size', meaning: 'root fields of a GraphQL operation' },
  LIMIT_OPERATION_DIRECTIVES: { default: 10, kind: 'size', meaning: 'directives of a GraphQL document' },
  LIMIT_SUBSCRIPTIONS_PER_SOCKET: { default: 16, kind: 'count', meaning: 'subscriptions open on one socket' },
  LIMIT_WATCHED_PER_USER: { default: 4_000, kind: 'count', meaning: 'users whose presence one user watches on one node' },
  LIMIT_SOCKETS_PER_USER: { default: 10, kind: 'count', meaning: 'sockets of one user on one node' },
  LIMIT_UNAUTHENTICATED_SOCKETS_PER_IP: { default: 50, kind: 'count', meaning: 'sockets of one address that have not authenticated yet' },
  LIMIT_OPERATIONS_PER_SECOND: { default: 50, kind: 'rate', meaning: 'operations a second on one socket, past the burst' },
  LIMIT_OPERATIONS_BURST: { default: 200, kind: 'rate', meaning: 'operations that one socket may send at once' },
  LIMIT_OPERATIONS_IN_FLIGHT: { default: 64, kind: 'count', meaning: 'operations of one socket under way at once' },
  LIMIT_REQUESTS_PER_MINUTE: { default: 600, kind: 'rate', meaning: 'HTTP requests a minute of one address' },
  LIMIT_LOGINS_PER_MINUTE: { default: 20, kind: 'rate', meaning: 'logins and registrations a minute of one address and of one account' },
  LIMIT_CALLS_PER_MINUTE: { default: 10, kind: 'rate', meaning: 'calls a minute of one caller' },
  LIMIT_CALLS_PER_PAIR_PER_MINUTE: { default: 5, kind: 'rate', meaning: 'calls a minute of one caller to one callee' },
  LIMIT_SEARCHES_PER_MINUTE: { default: 60, kind: 'rate', meaning: 'searches of the directory a minute of one user' },
  LIMIT_ICE_SERVERS_PER_MINUTE: { default: 30, kind: 'rate', meaning: 'times a minute that one user is given TURN credentials' },
  LIMIT_UNSENT_BYTES: {
    default: 1_048_576,
    kind: 'size',
    meaning: 'bytes that may wait unsent on one socket before it is closed with 1013',
  },
} as const;

export type LimitName = keyof typeof limitDefinitions;
export type Limits = Readonly<Record<LimitName, number>>;

/** Refuses what is over the limit of that name; a limit of 0 is lifted. */
export function limitExceeded(limit: LimitName, message: string, field?: string): AppError {
  return new AppError('LIMIT_EXCEEDED', message, field === undefined ? { limit } : { limit, field });
}
