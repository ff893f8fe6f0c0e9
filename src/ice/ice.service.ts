import type { Viewer } from '../auth/viewer.js';
import type { IceConfig } from '../config.js';
import type { Rates } from '../rates.js';
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
  readonly #rates: Pick<Rates, 'take'>;
  readonly #nowMs: () => number;

  constructor({ ice, rates, nowMs }: { ice: IceConfig; rates: Pick<Rates, 'take'>; nowMs: () => number }) {
    this.#ice = ice;
    this.#rates = rates;
    this.#nowMs = nowMs;
  }

  /** STUN first, then TURN with a credential of this user's own, made now. */
  async serversFor({ userId }: Pick<Viewer, 'userId'>): Promise<IceServerList> {
    const { stunUrls, turn } = this.#ice;
    const stun = stunUrls.length === 0 ? [] : [{ urls: stunUrls, username: null, credential: null }];
    if (turn === null) return { servers: stun, expiresAt: null };
    await this.#rates.take('LIMIT_ICE_SERVERS_PER_MINUTE', userId);
    const { username, credential, expiresAt } = turnCredential({ ...turn, userId, now: new Date(this.#nowMs()) });
    return { servers: [...stun, { urls: turn.urls, username, credential }], expiresAt };
  }
}
