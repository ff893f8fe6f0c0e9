import { ExpiringMap } from './expiring-map.js';

const maxRemembered = 20_000;

/**
 * Remembers for a moment that a device is signed in, so that a busy device costs one query a second and not one
 * a request. Asked about one device many times at once, it looks once. That a device is not signed in is never remembered.
 */
export class DeviceLife {
  readonly #look: (deviceId: string) => Promise<boolean>;
  readonly #rememberedMs: number;
  readonly #live = new ExpiringMap<string, true>(maxRemembered);
  readonly #underWay = new Map<string, Promise<boolean>>();

  constructor(look: (deviceId: string) => Promise<boolean>, rememberedMs: number) {
    this.#look = look;
    this.#rememberedMs = rememberedMs;
  }

  async isLive(deviceId: string): Promise<boolean> {
    const startedAtMs = performance.now();
    if (this.#live.get(deviceId, startedAtMs) !== undefined) return true;
    const underWay = this.#underWay.get(deviceId);
    if (underWay !== undefined) return underWay;
    const answer = this.#look(deviceId);
    this.#underWay.set(deviceId, answer);
    try {
      const live = await answer;
      if (live && this.#underWay.get(deviceId) === answer) this.#live.set(deviceId, true, startedAtMs + this.#rememberedMs);
      return live;
    } finally {
      if (this.#underWay.get(deviceId) === answer) this.#underWay.delete(deviceId);
    }
  }

  /** From now on it is looked up again; an answer that is under way is not remembered, for it may be of before. */
  forget(deviceId: string): void {
    this.#live.delete(deviceId);
    this.#underWay.delete(deviceId);
  }
}
