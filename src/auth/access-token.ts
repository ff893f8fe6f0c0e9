import { createSecretKey, randomUUID, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { SigningKey } from '../config.js';
import { isUuid } from '../text.js';
import { ExpiringMap } from './expiring-map.js';
import type { Viewer } from './viewer.js';

const algorithm = 'HS256';
const issuer = 'switchboard';
const audience = 'switchboard-api';
const type = 'at+jwt';
/** How far another node's clock may be ahead of ours. It never lengthens a token's life. */
const clockToleranceSeconds = 30;
const maxVerified = 10_000;

export interface AccessTokensOptions {
  /** The first signs; any of them verifies, so that a key can be replaced without signing anybody out. */
  readonly keys: readonly SigningKey[];
  readonly lifetimeSeconds: number;
  /** The time that all nodes share. */
  readonly nowMs: () => number;
}

export interface IssuedAccessToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
}

/** Makes and checks the JWTs that say which device of which user asks. */
export class AccessTokens {
  readonly #signing: { kid: string; key: KeyObject };
  readonly #ring: ReadonlyMap<string, KeyObject>;
  readonly #lifetimeSeconds: number;
  readonly #nowMs: () => number;
  /** Every HTTP request shows its token again: the signature is computed once a token. */
  readonly #verified = new ExpiringMap<string, Viewer>(maxVerified);

  constructor({ keys, lifetimeSeconds, nowMs }: AccessTokensOptions) {
    this.#ring = new Map(keys.map(({ kid, secret }) => [kid, createSecretKey(Buffer.from(secret))]));
    const [first] = this.#ring;
    if (first === undefined) throw new Error('There is no key to sign access tokens with.');
    this.#signing = { kid: first[0], key: first[1] };
    this.#lifetimeSeconds = lifetimeSeconds;
    this.#nowMs = nowMs;
  }

  issue(userId: string, deviceId: string): IssuedAccessToken {
    const issuedAt = Math.floor(this.#nowMs() / 1_000);
    const exp = issuedAt + this.#lifetimeSeconds;
    const accessToken = jwt.sign({ did: deviceId, iat: issuedAt, exp }, this.#signing.key, {
      algorithm,
      issuer,
      audience,
      subject: userId,
      jwtid: randomUUID(),
      header: { alg: algorithm, typ: type, kid: this.#signing.kid },
    });
    return { accessToken, expiresAt: new Date(exp * 1_000) };
  }

  /** Null for every token that is not good at this moment, whatever is wrong with it. Does not know of revoked devices. */
  verify(token: string): Viewer | null {
    const nowMs = this.#nowMs();
    const known = this.#verified.get(token, nowMs);
    if (known !== undefined) return known;
    const viewer = this.#check(token, nowMs);
    if (viewer !== null) this.#verified.set(token, viewer, viewer.tokenExpiresAt.getTime());
    return viewer;
  }

  #check(token: string, nowMs: number): Viewer | null {
    try {
      const header = jwt.decode(token, { complete: true })?.header;
      const key = header?.typ === type && header.kid !== undefined ? this.#ring.get(header.kid) : undefined;
      if (key === undefined) return null;
      const claims = jwt.verify(token, key, {
        algorithms: [algorithm],
        issuer,
        audience,
        clockTolerance: clockToleranceSeconds,
        clockTimestamp: Math.floor(nowMs / 1_000),
      });
      return typeof claims === 'string' ? null : readViewer(claims, nowMs);
    } catch {
      // The library throws for every fault of a token, and what it says is for nobody: the client only learns that it is not good.
      return null;
    }
  }
}

function readViewer({ sub, iat, exp, did }: jwt.JwtPayload, nowMs: number): Viewer | null {
  if (typeof sub !== 'string' || !isUuid(sub) || typeof did !== 'string' || !isUuid(did)) return null;
  if (typeof iat !== 'number' || iat * 1_000 > nowMs + clockToleranceSeconds * 1_000) return null;
  // The library's tolerance counts for `exp` too, and a token must not outlive it.
  if (typeof exp !== 'number' || exp * 1_000 <= nowMs) return null;
  return { userId: sub, deviceId: did, tokenExpiresAt: new Date(exp * 1_000) };
}
