/** The token of an Authorization header or of a connection_init payload, with or without the word Bearer; null where there is none. */
export function readBearer(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.replace(/^Bearer\s+/i, '') : null;
}
