import { randomUUID } from 'node:crypto';
import { Switchboard, type Call, type SwitchboardOptions } from '../../src/client/index.js';
import { until } from './until.js';

const password = 'correct horse';

/** A device with the SDK, signed in and connected, that only signals: of a new account, or another one of `owner`. */
export async function phoneOf(
  server: { readonly url: string },
  owner?: Switchboard,
  options: SwitchboardOptions = {},
): Promise<Switchboard> {
  const phone = new Switchboard({ url: server.url, createPeerConnection: null, ...options });
  if (owner === undefined) await phone.register({ username: `user-${randomUUID().slice(0, 13)}`, password });
  else await phone.signIn({ username: owner.user?.username ?? '', password });
  await until('the connection', () => phone.cursor !== null);
  return phone;
}

/** The next call that rings on that device. */
export function ringOf(phone: Switchboard): Promise<Call> {
  return new Promise((resolve) => phone.on('incoming', resolve));
}

/** A WebSocket that tells with which codes it was closed. */
export function recordingSocket(): { readonly webSocket: typeof WebSocket; readonly codes: number[] } {
  const codes: number[] = [];
  class Recording extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols);
      this.addEventListener('close', ({ code }) => codes.push(code));
    }
  }
  return { webSocket: Recording, codes };
}
