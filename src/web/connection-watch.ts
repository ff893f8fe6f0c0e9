import type { ConnectionState, Switchboard } from '../client/index.js';
import { Store } from './store.js';

export interface ConnectionView {
  readonly state: ConnectionState;
  /** Since when there has been no connection, by this machine's clock; null while there is one. */
  readonly lostAtMs: number | null;
  /** How often it was tried since. */
  readonly attempts: number;
}

/** The connection to the server as people see it: not each attempt, but since when it is gone. */
export class ConnectionWatch extends Store<ConnectionView> {
  constructor(phone: Switchboard) {
    super({ state: phone.connectionState, lostAtMs: null, attempts: 0 });
    phone.on('connection', (state) =>
      this.update(({ lostAtMs, attempts }) =>
        state === 'connected' || state === 'closed'
          ? { state, lostAtMs: null, attempts: 0 }
          : { state, lostAtMs: lostAtMs ?? Date.now(), attempts: attempts + (state === 'connecting' ? 1 : 0) },
      ),
    );
  }
}
