import type { Decision } from '../calls/call.repository.js';

/** Which device of whom. */
export interface DeviceOfUser {
  readonly userId: string;
  readonly deviceId: string;
}

/**
 * What becomes of the call that a device is in when the device's session ends. Resolves when the end of the call is
 * committed, at once where there is no call; both may be told again of a device that they were told of before.
 */
export interface DeviceCalls {
  /** The device logs out: as if it had ended its call itself. Called while its session still lives. */
  deviceLeft(device: DeviceOfUser): Promise<void>;
  /** The device's session was ended for it: the call ends TERMINATED. Called when the session is over. */
  deviceRevoked(device: DeviceOfUser): Promise<void>;
  /** These calls were ended with the account of a party, and that is committed: who is to know is told now. Does not throw. */
  accountDeleted(ended: readonly Decision[]): void;
}
