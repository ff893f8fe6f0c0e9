import type { Device } from './device.js';

/** What a device was told of a call, in order, as both parties can compare it: who answered is one change, however it reads. */
export function toldOf(device: Device, callId: string): string[] {
  return changesOf(device, callId).map(({ change }) => (change === 'ANSWERED_ELSEWHERE' ? 'ANSWERED' : change));
}

export function changesOf(device: Device, callId: string) {
  return device.changes.filter(({ call }) => call.id === callId);
}
