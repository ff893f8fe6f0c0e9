/**
 * Whether a page of that origin may talk to this server, by fetch or by WebSocket. No Origin header is no browser: that
 * passes, since what a page must not do without the user's token it cannot do anyway. The page itself always may.
 */
export function isAllowedOrigin(origin: string | undefined, host: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined) return true;
  if (allowed.includes('*') || allowed.includes(origin)) return true;
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
