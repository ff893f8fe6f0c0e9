import { AccessTokens } from '../../src/auth/access-token.js';
import { loadConfig } from '../../src/config.js';
import { quickEnvironment } from './environment.js';

/** An access token as a server of `startServer` would have signed it `agoSeconds` ago, for so long. */
export function signToken({ userId, id }: { userId: string; id: string }, lifetimeSeconds: number, agoSeconds = 0): string {
  const keys = loadConfig(quickEnvironment).signingKeys ?? [];
  return new AccessTokens({ keys, lifetimeSeconds, nowMs: () => Date.now() - agoSeconds * 1_000 }).issue(userId, id).accessToken;
}
