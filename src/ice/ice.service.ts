import type { Viewer } from '../auth/viewer.js';
import type { IceConfig } from '../config.js';
import { turnCredential } from './turn-credential.js';

/** One entry of RTCConfiguration.iceServers. */
export interface IceServerEntry {
  readonly urls: readonly string[];
  readonly username: string | null;
  readonly credential: string | null;
}

export interface IceServerList {
  readonly servers: readonly IceServerEntry[];
  /** Null where no server needs a credential. */
  readonly expiresAt: Date | null;
}

/** The servers by whose help peers find a way to each other. Knows none that the configuration does not name. */
export class IceService {
  readonly #ice: IceConfig;
  readonly #nowMs: () => number;

  constructor({ ice, nowMs }: { ice: IceConfig; nowMs: () => number }) {
    this.#ice = ice;
    this.#nowMs = nowMs;
  }

  /** STUN first, then TURN with a credential of this user's own, made now. */
  serversFor({ userId }: Pick<Viewer, 'userId'>): IceServerList {
    const { stunUrls, turn } = this.#ice;
    const stun = stunUrls.length === 0 ? [] : [{ urls: stunUrls, username: null, credential: null }];
    if (turn === null) return { servers: stun, expiresAt: null };
    const { username, credential, expiresAt } = turnCredential({ ...turn, userId, now: new Date(this.#nowMs()) });
    return { servers: [...stun, { urls: turn.urls, username, credential }], expiresAt };
  }
}
