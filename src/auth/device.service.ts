import type { Decision } from '../calls/call.repository.js';
import { AppError, badInput } from '../errors.js';
import type { Logger } from '../logger.js';
import { isUuid } from '../text.js';
import type { DeviceCalls, DeviceOfUser } from './device-calls.js';
import type { DeviceRow } from './device.entity.js';
import { GatheredRead } from '../db/gathered-read.js';
import { DeviceLife } from './device-life.js';
import type { DeviceRepository } from './device.repository.js';
import { Listeners } from './listeners.js';
import type { Viewer } from './viewer.js';

export interface DeviceServiceCollaborators {
  readonly devices: DeviceRepository;
  readonly calls: DeviceCalls;
  readonly logger: Logger;
  /** How exactly it has to be known when a device last asked for something. */
  readonly seenToSeconds: number;
}

/** Another node's revocation has to show within two seconds: half of that is for the check itself. */
const mostRememberedMs = 1_000;

/** A device as its user sees it; `current` is the one that asks. */
export interface ViewedDevice extends DeviceRow {
  readonly current: boolean;
}

/** The signed-in devices: which there are, whether one still is, and who is told when that changes on this node. */
export class DeviceService {
  readonly #devices: DeviceRepository;
  readonly #calls: DeviceCalls;
  readonly #logger: Logger;
  readonly #life: DeviceLife;
  readonly #lives: GatheredRead<string, { stale: boolean } | null>;
  readonly #staleSeconds: number;
  readonly #revoked: Listeners<[deviceIds: string[]]>;
  readonly #renewed: Listeners<[deviceId: string, tokenExpiresAt: Date]>;

  constructor({ devices, calls, logger, seenToSeconds }: DeviceServiceCollaborators) {
    this.#devices = devices;
    this.#calls = calls;
    this.#logger = logger;
    // What is remembered is not seen: the two together are as exact as was asked for.
    const rememberedMs = Math.min(mostRememberedMs, seenToSeconds * 500);
    this.#staleSeconds = seenToSeconds - rememberedMs / 1_000;
    this.#lives = new GatheredRead((deviceIds) => devices.checkLives(deviceIds, this.#staleSeconds));
    this.#life = new DeviceLife((deviceId) => this.#look(deviceId), rememberedMs);
    this.#revoked = new Listeners(logger);
    this.#renewed = new Listeners(logger);
  }

  async list(viewer: Viewer): Promise<ViewedDevice[]> {
    const devices = await this.#devices.findLive(viewer.userId);
    return devices.map((device) => ({ ...device, current: device.id === viewer.deviceId }));
  }

  /** True as well for a device that was revoked before, so that a retry ends the call that a failed attempt left. */
  async revoke(viewer: Viewer, deviceId: string): Promise<boolean> {
    const id = deviceId.toLowerCase();
    if (id === viewer.deviceId) throw badInput('id', 'This is the device that asks. Log out to end its session.');
    if (!isUuid(id) || !(await this.#devices.belongsTo(viewer.userId, id))) throw new AppError('NOT_FOUND', 'There is no such device.');
    await this.#devices.revoke(viewer.userId, id);
    this.announceRevoked([id]);
    await this.#calls.deviceRevoked({ userId: viewer.userId, deviceId: id });
    return true;
  }

  /** The device ends its own session, and its call with it, as if it had hung up. */
  async leave(viewer: Viewer): Promise<void> {
    const { userId, deviceId } = viewer;
    await this.#calls.deviceLeft({ userId, deviceId });
    await this.#devices.revoke(userId, deviceId);
    this.announceRevoked([deviceId]);
  }

  /** For devices that were revoked as a part of something else that cannot be repeated: calls that cannot be ended now end SIGNALING_LOST. */
  async afterRevocation(devices: readonly DeviceOfUser[]): Promise<void> {
    if (devices.length === 0) return;
    this.announceRevoked(devices.map(({ deviceId }) => deviceId));
    for (const device of devices) {
      try {
        await this.#calls.deviceRevoked(device);
      } catch (error) {
        this.#logger.error({ err: error, deviceId: device.deviceId }, 'the call of a revoked device could not be ended');
      }
    }
  }

  /** For the devices of an account that was deleted, with the calls that ended then. */
  afterDeletion(deviceIds: string[], ended: readonly Decision[]): void {
    this.#calls.accountDeleted(ended);
    this.announceRevoked(deviceIds);
  }

  /** Whether the device's session lives: as of a second ago at most, of now where it was revoked on this node. */
  isLive(deviceId: string): Promise<boolean> {
    return this.#life.isLive(deviceId);
  }

  /** `listener` is called with devices whose sessions have just ended. Returns what ends that. */
  onRevoked(listener: (deviceIds: string[]) => void): () => void {
    return this.#revoked.add(listener);
  }

  /** `listener` is called when a device has a new access token, by whichever transport it asked. Returns what ends that. */
  onRenewed(listener: (deviceId: string, tokenExpiresAt: Date) => void): () => void {
    return this.#renewed.add(listener);
  }

  /** Tells this node that the sessions of these devices have ended, here or on another node. */
  announceRevoked(deviceIds: string[]): void {
    for (const deviceId of deviceIds) this.#life.forget(deviceId);
    this.#revoked.tell(deviceIds);
  }

  /** Tells this node that a device has a token until then. */
  announceRenewed(deviceId: string, tokenExpiresAt: Date): void {
    this.#renewed.tell(deviceId, tokenExpiresAt);
  }

  async #look(deviceId: string): Promise<boolean> {
    const life = await this.#lives.read(deviceId);
    if (life?.stale === true) {
      // Nobody waits for it; the next look tries again.
      this.#devices.touch(deviceId, this.#staleSeconds).catch((error: unknown) => {
        this.#logger.warn({ err: error, deviceId }, 'when a device was last seen could not be written');
      });
    }
    return life !== null;
  }
}
