import { createHash, createHmac, randomBytes } from 'node:crypto';

/*
 * A refresh token is the family of its device (16 random bytes, the same for the device's whole life) and a secret of its
 * own (32 bytes), 64 characters of base64url together. Only SHA-256 of either is stored.
 *
 * The family finds the device whichever of its tokens is shown, also one that was replaced ten times: so a stolen token
 * is noticed whenever it or its successor is used a second time. It is as unguessable as the secret, unlike the device's
 * id, which the other party of a call learns: nobody can have a device revoked by making a token up.
 *
 * The next secret is HMAC(secret, salt) with a random salt that is stored. A retry of a lost answer is so given the very
 * token that was lost, and it does not matter which of two answers arrives.
 */
const familyBytes = 16;
const secretBytes = 32;
const form = /^[A-Za-z0-9_-]{64}$/;

export interface RefreshToken {
  readonly text: string;
  readonly family: Buffer;
  readonly secret: Buffer;
  readonly familyHash: Buffer;
  readonly secretHash: Buffer;
}

/** The first token of a new family. */
export function createRefreshToken(): RefreshToken {
  return refreshToken(randomBytes(familyBytes), randomBytes(secretBytes));
}

/** Null for what can be no refresh token of this server. */
export function parseRefreshToken(text: string): RefreshToken | null {
  if (!form.test(text)) return null;
  const bytes = Buffer.from(text, 'base64url');
  return refreshToken(bytes.subarray(0, familyBytes), bytes.subarray(familyBytes));
}

export function createRefreshSalt(): Buffer {
  return randomBytes(secretBytes);
}

/** The token that replaces `current`: the same for the same salt, and nobody's to compute from what is stored. */
export function nextRefreshToken(current: RefreshToken, salt: Buffer): RefreshToken {
  return refreshToken(current.family, createHmac('sha256', current.secret).update(salt).digest());
}

function refreshToken(family: Buffer, secret: Buffer): RefreshToken {
  const text = Buffer.concat([family, secret]).toString('base64url');
  return { text, family, secret, familyHash: sha256(family), secretHash: sha256(secret) };
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
