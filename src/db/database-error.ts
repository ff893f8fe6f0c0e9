/** The five-character SQLSTATE of a failed query, also of one that the ORM wrapped; null where the failure is not the server's answer. */
export function sqlState(error: unknown): string | null {
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = (current as { code?: unknown }).code;
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code;
  }
  return null;
}

/** Connection lost, rolled back for concurrency, out of resources, lock not had in time, shut down: worth another try. */
const transientStates = /^(08|40|53|57)|^55P03$|^25P03$/;

/** What the client library says where no server answered. */
const connectionFailure = /connection|connect |timeout|terminated|socket|ECONN|EPIPE|EHOSTUNREACH|ENOTFOUND/i;

/** True where the same statement may succeed later. Whether a failed write took place is not known. */
export function isTransient(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== null) return transientStates.test(state);
  return error instanceof Error && isConnectionFailure(error);
}

function isConnectionFailure(error: Error): boolean {
  if (error.name === 'DriverException' || error.name === 'ConnectionException') return true;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') return /^E[A-Z]+$/.test(code);
  // The driver's own are plain errors; a TypeError of ours that mentions a socket is not meant.
  return error.name === 'Error' && connectionFailure.test(error.message);
}

/** The values of one row were refused (out of range, not well-formed, too large): the rest of a batch can do without it. */
export function isBadData(error: unknown): boolean {
  return /^(22|23|54)/.test(sqlState(error) ?? '');
}
