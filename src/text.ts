const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Anything else would make Postgres refuse the statement, and with it everything else that is in the statement. */
export function isUuid(value: string): boolean {
  return uuid.test(value);
}

/** Postgres refuses NUL, and the driver would silently replace half of a surrogate pair. */
export function isStorable(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0');
}

/** Characters as people count them in a limit: code points, not UTF-16 units. */
export function countCharacters(value: string): number {
  return Array.from(value).length;
}
