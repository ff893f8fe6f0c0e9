const firstDelayMs = 1_000;
const longestDelayMs = 30 * 60_000;
const longestAskedMs = 60 * 60_000;

/** An event that nobody has accepted by then is given up. */
export const giveUpAfterHours = 24;

/**
 * How long to wait after so many tries that failed: a second, doubled each time, at most half an hour. `random` (0 to 1) takes
 * away up to half of it, so that what failed together does not come back together. A receiver that asks for a longer
 * time by Retry-After gets it, up to an hour.
 */
export function retryDelayMs(tries: number, random: number, askedMs = 0): number {
  const delayMs = Math.min(firstDelayMs * 2 ** (tries - 1), longestDelayMs) * (1 - random / 2);
  return Math.round(Math.max(delayMs, Math.min(askedMs, longestAskedMs)));
}
