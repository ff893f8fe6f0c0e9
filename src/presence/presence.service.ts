import { BatchLoader } from '../db/batch-loader.js';
import type { Bus } from '../bus/bus.js';
import type { Logger } from '../logger.js';
import type { PresenceRepository } from './presence.repository.js';

interface ConnectedDevice {
  readonly userId: string;
  readonly deviceId: string;
}

interface Presence {
  readonly userId: string;
  sockets: number;
  /** Since its last socket closed; null while it has one. */
  leaving: { readonly timer: NodeJS.Timeout; readonly sinceMs: number } | null;
}

/** A device that has left, and when its last socket closed. */
interface LeftDevice extends ConnectedDevice {
  readonly sinceMs: number;
}

/** What is counted of the lease. */
export interface LeaseObserver {
  /** `anew`: there was none, because the node starts, or because others have taken it for gone. */
  leaseRenewal(how: 'renewed' | 'anew' | 'failed'): void;
}

const renewEveryMs = 5_000;
const flushAfterMs = 50;
/** A page that is loaded again, or a phone that changes networks, does not flap. */
const graceMs = 5_000;
const elsewhereEveryMs = 10_000;

/**
 * Which devices are connected to this node, told to the others: one write for all that came or went in a moment, one
 * renewal of the node's lease every 5 seconds. A node that is gone takes its devices with it when its lease has run out.
 */
export class PresenceService {
  readonly #presence: PresenceRepository;
  readonly #bus: Bus;
  readonly #logger: Logger;
  readonly #observer: LeaseObserver;
  readonly #devices = new Map<string, Presence>();
  readonly #entering = new Map<string, ConnectedDevice>();
  readonly #leaving = new Map<string, LeftDevice>();
  readonly #changed = new Set<(userIds: readonly string[]) => void>();
  readonly #online: BatchLoader<true>;
  readonly #onlineDevices: BatchLoader<true>;
  #elsewhere = { users: new Set<string>(), devices: new Set<string>(), readAt: 0 };
  #lease: NodeJS.Timeout | null = null;
  #flush: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(parts: { presence: PresenceRepository; bus: Bus; logger: Logger; observer: LeaseObserver }) {
    const { presence, bus, logger, observer } = parts;
    this.#observer = observer;
    this.#presence = presence;
    this.#bus = bus;
    this.#logger = logger;
    const all = (found: ReadonlySet<string>) => new Map([...found].map((key) => [key, true] as const));
    this.#online = new BatchLoader(async (pairs) => all(await presence.onlineTo(pairs)));
    this.#onlineDevices = new BatchLoader(async (ids) => all(await presence.onlineDevices(ids)));
  }

  async start(): Promise<void> {
    await this.#renew();
    this.#lease = setInterval(() => void this.#renew(), renewEveryMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#lease !== null) clearInterval(this.#lease);
    for (const { leaving } of this.#devices.values()) if (leaving !== null) clearTimeout(leaving.timer);
    await this.#write();
    if (this.#flush !== null) clearTimeout(this.#flush);
    await this.#presence
      .retire(graceMs / 1_000)
      .catch((error: unknown) => this.#logger.warn({ err: error }, 'the lease of this node could not be given back'));
  }

  connected({ userId, deviceId }: ConnectedDevice): void {
    const known = this.#devices.get(deviceId);
    if (known === undefined) {
      this.#devices.set(deviceId, { userId, sockets: 1, leaving: null });
      this.#leaving.delete(deviceId);
      this.#entering.set(deviceId, { userId, deviceId });
      this.#scheduleFlush();
      return;
    }
    known.sockets += 1;
    if (known.leaving !== null) clearTimeout(known.leaving.timer);
    known.leaving = null;
  }

  /** Devices that have a socket here, or had one a moment ago. */
  get devices(): number {
    return this.#devices.size;
  }

  /** A device that has a socket here, or had one a moment ago. */
  isHere(deviceId: string): boolean {
    return this.#devices.has(deviceId);
  }

  /** Devices that were signed out while they may have been on their way back: they are not. */
  signedOut(deviceIds: readonly string[]): void {
    for (const deviceId of deviceIds) {
      const known = this.#devices.get(deviceId);
      if (known?.leaving == null) continue;
      clearTimeout(known.leaving.timer);
      this.#leave({ userId: known.userId, deviceId, sinceMs: known.leaving.sinceMs });
    }
  }

  /** `atOnce`: it said goodbye, or was signed out; else it may be back in a moment. */
  disconnected({ userId, deviceId }: ConnectedDevice, atOnce: boolean): void {
    const known = this.#devices.get(deviceId);
    if (known === undefined || this.#stopped) return;
    known.sockets -= 1;
    if (known.sockets > 0) return;
    const sinceMs = performance.now();
    known.leaving = { sinceMs, timer: setTimeout(() => this.#leave({ userId, deviceId, sinceMs }), atOnce ? 0 : graceMs) };
  }

  /** Whether the user is online to that viewer: never where the user has blocked them. */
  async isOnline(viewerId: string, userId: string): Promise<boolean> {
    return (await this.#online.load(`${viewerId} ${userId}`)) !== null;
  }

  async isDeviceOnline(deviceId: string): Promise<boolean> {
    return (await this.#onlineDevices.load(deviceId)) !== null;
  }

  /** Connected to another node, as of 10 seconds ago at most; of any device where it is null. */
  isElsewhere(userId: string, deviceId: string | null): boolean {
    return deviceId === null ? this.#elsewhere.users.has(userId) : this.#elsewhere.devices.has(deviceId);
  }

  /** Calls `listener` with users whose devices came or went on this node. Returns what ends that. */
  onChanged(listener: (userIds: readonly string[]) => void): () => void {
    this.#changed.add(listener);
    return () => void this.#changed.delete(listener);
  }

  #leave(device: LeftDevice): void {
    this.#devices.delete(device.deviceId);
    this.#entering.delete(device.deviceId);
    this.#leaving.set(device.deviceId, device);
    this.#scheduleFlush();
  }

  async #renew(): Promise<void> {
    try {
      const { made, others } = await this.#presence.renewLease();
      if (made) for (const [deviceId, { userId }] of this.#devices) this.#entering.set(deviceId, { userId, deviceId });
      if (this.#entering.size > 0) this.#scheduleFlush();
      await this.#presence.sweepGone();
      await this.#readElsewhere(others);
      this.#observer.leaseRenewal(made ? 'anew' : 'renewed');
    } catch (error) {
      this.#observer.leaseRenewal('failed');
      this.#logger.warn({ err: error }, 'the lease of this node could not be renewed this time');
    }
  }

  async #readElsewhere(others: number): Promise<void> {
    const now = performance.now();
    if (others === 0 || now - this.#elsewhere.readAt < elsewhereEveryMs - renewEveryMs / 2) {
      if (others === 0) this.#elsewhere = { users: new Set(), devices: new Set(), readAt: 0 };
      return;
    }
    const rows = await this.#presence.elsewhere();
    this.#elsewhere = { users: new Set(rows.map(({ user }) => user)), devices: new Set(rows.map(({ device }) => device)), readAt: now };
  }

  #scheduleFlush(): void {
    if (!this.#stopped) this.#flush ??= setTimeout(() => void this.#write(), flushAfterMs);
  }

  async #write(): Promise<void> {
    const [entering, leaving] = [[...this.#entering.values()], [...this.#leaving.values()]];
    this.#entering.clear();
    this.#leaving.clear();
    try {
      const now = performance.now();
      if (leaving.length > 0) await this.#presence.leave(leaving.map(({ deviceId, sinceMs }) => ({ deviceId, agoMs: now - sinceMs })));
      if (entering.length > 0) await this.#presence.enter(entering);
      const userIds = [...new Set([...entering, ...leaving].map(({ userId }) => userId))];
      if (userIds.length > 0) for (const listener of this.#changed) listener(userIds);
      this.#bus.announce(userIds);
    } catch (error) {
      this.#logger.warn({ err: error }, 'who came and went could not be written; tried again');
      for (const device of entering) if (this.#devices.has(device.deviceId)) this.#entering.set(device.deviceId, device);
      for (const device of leaving) if (!this.#devices.has(device.deviceId)) this.#leaving.set(device.deviceId, device);
    }
    this.#flush = null;
    if (this.#entering.size + this.#leaving.size > 0) this.#scheduleFlush();
  }
}
