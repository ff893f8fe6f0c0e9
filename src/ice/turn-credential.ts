import { createHmac } from 'node:crypto';

/** What a TURN server accepts from one user until an instant. */
export interface TurnCredential {
  /** `<unix expiry>:<user id>`: the server reads the expiry, and counts what one user has open by the id. */
  readonly username: string;
  /** Base64 of HMAC-SHA1 over the username. */
  readonly credential: string;
  /** The instant that the username says: a whole second. */
  readonly expiresAt: Date;
}

/**
 * A credential that no server has to keep: whoever shares `secret` can check it (draft-uberti-behave-turn-rest-00,
 * section 2.2). Good for `ttlSeconds` from the second in which `now` lies.
 */
export function turnCredential({
  secret,
  userId,
  ttlSeconds,
  now,
}: {
  secret: string;
  userId: string;
  ttlSeconds: number;
  now: Date;
}): TurnCredential {
  const expirySeconds = Math.floor(now.getTime() / 1_000) + ttlSeconds;
  const username = `${expirySeconds}:${userId}`;
  return {
    username,
    credential: createHmac('sha1', secret).update(username).digest('base64'),
    expiresAt: new Date(expirySeconds * 1_000),
  };
}
