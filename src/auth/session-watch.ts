import type { Logger } from '../logger.js';
import { Rounds } from '../rounds.js';
import type { DeviceRepository } from './device.repository.js';
import type { DeviceService } from './device.service.js';

const everyMs = 1_000;

export interface SessionWatchOptions {
  readonly repository: Pick<DeviceRepository, 'revokedSince' | 'renewals'>;
  readonly devices: Pick<DeviceService, 'announceRevoked' | 'announceRenewed'>;
  /** Whether the device is connected to this node. */
  readonly isHere: (deviceId: string) => boolean;
  /** The devices whose sockets on this node end soon. */
  readonly endingSoon: () => string[];
  readonly accessTokenSeconds: number;
  readonly nowMs: () => number;
  readonly logger: Logger;
}

/**
 * Tells this node of sessions that ended or were renewed on another one, within a second of its commit. While Postgres
 * is away it tells nothing, and then what happened meanwhile.
 */
export class SessionWatch {
  readonly #options: SessionWatchOptions;
  #since: string | null = null;
  /** When each of the devices whose sockets end soon was last renewed, as of the last look. */
  #renewed = new Map<string, string>();
  readonly #rounds: Rounds;

  constructor(options: SessionWatchOptions) {
    this.#options = options;
    this.#rounds = new Rounds({
      everyMs,
      round: () => this.#look(),
      logger: options.logger,
      what: 'sessions of other nodes could not be looked at this time',
    });
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): void {
    this.#rounds.stop();
  }

  async #look(): Promise<void> {
    await this.#findRevoked();
    await this.#findRenewed();
  }

  async #findRevoked(): Promise<void> {
    const { repository, devices, isHere } = this.#options;
    const { ids, next } = await repository.revokedSince(this.#since);
    this.#since = next;
    const here = ids.filter(isHere);
    if (here.length > 0) devices.announceRevoked(here);
  }

  /** Only those whose sockets end soon are asked for: for all others it makes no difference yet. */
  async #findRenewed(): Promise<void> {
    const { repository, devices, endingSoon, accessTokenSeconds, nowMs } = this.#options;
    const ids = endingSoon();
    const before = this.#renewed;
    this.#renewed = new Map();
    if (ids.length === 0) return;
    for (const { id, refreshedAt, agoMs } of await repository.renewals(ids)) {
      this.#renewed.set(id, refreshedAt);
      // Whole seconds, as in a token: so the renewal that a socket came with is not taken for a later one.
      const renewedAtSeconds = Math.floor((nowMs() - agoMs) / 1_000);
      if (before.get(id) !== refreshedAt) devices.announceRenewed(id, new Date((renewedAtSeconds + accessTokenSeconds) * 1_000));
    }
  }
}
