import type { ConnectionState, InboxEvent, Switchboard } from '../client/index.js';
import { Store } from './store.js';

/** A line of the log: an event of the inbox, or what the SDK says beside it. */
export type LogEntry = { readonly n: number; readonly atMs: number } & (
  | { readonly type: 'event'; readonly event: InboxEvent }
  | { readonly type: 'connection'; readonly state: ConnectionState }
  | { readonly type: 'error'; readonly error: Error }
);

type Said = LogEntry extends infer Entry ? (Entry extends LogEntry ? Omit<Entry, 'n' | 'atMs'> : never) : never;

const keptEntries = 200;

/** The last 200 things that this device was told, the newest last. */
export class InboxLog extends Store<readonly LogEntry[]> {
  #n = 0;

  constructor(phone: Switchboard) {
    super([]);
    phone.on('event', (event) => this.#add({ type: 'event', event }));
    phone.on('connection', (state) => this.#add({ type: 'connection', state }));
    phone.on('error', (error) => this.#add({ type: 'error', error }));
  }

  clear(): void {
    this.set([]);
  }

  #add(said: Said): void {
    const entry = { ...said, n: (this.#n += 1), atMs: Date.now() } as LogEntry;
    this.update((entries) => [...entries, entry].slice(-keptEntries));
  }
}
