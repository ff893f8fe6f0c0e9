/** Sockets that are let go in a second, where there is time for it: what another node takes in without a word. */
const perSecond = 50;
const noticeMs = 1_000;

/** How a node that goes away lets its clients go: one after the other, for they all come to the others. From the moment in which they are told. */
export interface DrainPlan {
  /** The first is closed after so long: who leaves by itself meanwhile is not closed at all. */
  readonly firstMs: number;
  /** And the last after so long. */
  readonly lastMs: number;
  /** What clients are told to wait: somewhere in the middle, for a client that spreads itself from here to twice of it. */
  readonly reconnectAfterMs: number;
}

/** A fifth of the time is kept for those that have something under way, or do not read. */
export function planDrain(sockets: number, withinMs: number): DrainPlan {
  const firstMs = Math.min(noticeMs, withinMs / 10);
  const lastMs = Math.max(firstMs, Math.min(withinMs * 0.8, firstMs + (sockets / perSecond) * 1_000));
  return { firstMs, lastMs, reconnectAfterMs: Math.round((firstMs + lastMs) / 2) };
}
