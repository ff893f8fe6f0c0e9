/** Of servers under test: quick to sign up at, and without rates, since a test makes more calls in a second than a person in an hour. */
export const quickEnvironment = {
  PORT: '0',
  LOG_LEVEL: 'silent',
  BCRYPT_COST: '4',
  JWT_SECRET: 'k1:0f8c1d9ab24e67d35c90b1f2a7e48d6c',
  DRAIN_SECONDS: '1',
  LIMIT_REQUESTS_PER_MINUTE: '0',
  LIMIT_LOGINS_PER_MINUTE: '0',
  LIMIT_CALLS_PER_MINUTE: '0',
  LIMIT_CALLS_PER_PAIR_PER_MINUTE: '0',
  LIMIT_SEARCHES_PER_MINUTE: '0',
  LIMIT_ICE_SERVERS_PER_MINUTE: '0',
} as const;

/** Of servers that a crowd connects to: without the counts of sockets and operations either, and heard when something is wrong. */
export const relaxedEnvironment = {
  ...quickEnvironment,
  LOG_LEVEL: 'warn',
  LIMIT_SOCKETS_PER_USER: '0',
  LIMIT_UNAUTHENTICATED_SOCKETS_PER_IP: '0',
  LIMIT_OPERATIONS_PER_SECOND: '0',
  LIMIT_OPERATIONS_IN_FLIGHT: '0',
} as const;
