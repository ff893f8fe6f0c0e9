/**
 * Tells other nodes that users have news. At most once, in no order, within seconds or never: a reader that relies on it
 * alone is wrong. Whoever listens also looks for itself from time to time.
 */
export interface Bus {
  /** Returns as soon as the hint is queued. Never throws: a bus that is down is a slower inbox, not an error. */
  announce(userIds: Iterable<string>): void;
  /**
   * Calls `onNews` with the users of which other nodes have told, until the returned function is called. After an
   * interruption it calls `onGap` once, and the caller looks for itself.
   */
  listen(onNews: (userIds: readonly string[]) => void, onGap: () => void): () => void;
}
