import { pino, type Logger } from 'pino';

export type { Logger };

/** Names that may hold a secret or a payload, wherever they stand in a logged object. They are removed, not masked. */
const secretNames = ['password', 'current', 'next', 'token', 'accessToken', 'refreshToken', 'authorization', 'Authorization', 'payload', 'metadata', 'variables', 'secret'];

/** JSON lines to stdout. Log ids and codes; never a body, a header, or the variables of an operation. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), remove: true },
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  });
}
