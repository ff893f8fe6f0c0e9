import { pino, type Logger } from 'pino';

export type { Logger };

/** Names that may hold a secret or a payload, wherever they stand in a logged object. They are removed, not masked. */
const secretNames = [
  'password',
  'current',
  'next',
  'token',
  'accessToken',
  'refreshToken',
  'authorization',
  'Authorization',
  'payload',
  'metadata',
  'variables',
  'secret',
  'credential',
];

/** JSON lines to stdout. Log ids and codes; never a body, a header, or the variables of an operation. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), remove: true },
    base: null,
    serializers: { err: describeError },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  });
}

/** What an error is and where it came from, without its message: that may hold what a user sent. */
function describeError(error: unknown): { name: string; code?: string; at?: string[] } {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = (error as { code?: unknown }).code;
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return { name: error.name, ...(typeof code === 'string' ? { code } : {}), at: frames.slice(0, 5).map((line) => line.trim()) };
}
