import type { Call } from './call.js';
import type { ConnectionState } from './connection.js';
import type { CallMedia } from './gql/graphql.js';
import type { InboxEvent } from './inbox.js';
import type { CreatePeerConnection, Media } from './media.js';
import type { SessionStore } from './session-store.js';

/**
 * How a `Switchboard` is set up; every option has a default that fits a page of the server itself.
 *
 * @example
 * ```ts
 * const options: SwitchboardOptions = {
 *   url: 'https://calls.example.com/graphql',
 *   store: browserStore(),
 *   configuration: { bundlePolicy: 'max-bundle' },
 * };
 * const phone = new Switchboard(options);
 * ```
 */
export interface SwitchboardOptions {
  /** Of the API. Default: `/graphql` of the page's own server. */
  readonly url?: string;
  /** Where the session is kept. Default: in memory. */
  readonly store?: SessionStore;
  /** For every RTCPeerConnection, besides the STUN and TURN servers that the server names. */
  readonly configuration?: RTCConfiguration;
  /** Makes the peer connections. Default: the browser's. Null: the SDK signals only, and the application handles each `signal`. */
  readonly createPeerConnection?: CreatePeerConnection | null;
  /** Where there is none in the runtime, as before Node 22. */
  readonly webSocket?: typeof WebSocket;
  /** The cursor of the last event that the application has handled, where it keeps one. */
  readonly after?: string;
}

/**
 * What a call may be given.
 *
 * @example
 * ```ts
 * const options: CallOptions = { stream, media: 'AUDIO', metadata: 'About your order', ringSeconds: 30 };
 * await phone.call('ben', options);
 * ```
 */
export interface CallOptions extends Media {
  /** Shown to the callee before the answer. Default: VIDEO. */
  readonly media?: CallMedia;
  /** For the callee's application, at most 1 KiB. */
  readonly metadata?: string;
  /** 5 to 180, 60 by default. */
  readonly ringSeconds?: number;
  /** Aborted, it gives up a call that the server has not acknowledged yet: without a network it waits for as long as it takes. */
  readonly signal?: AbortSignal;
}

/**
 * What a `Switchboard` tells, by `on` and by `events`.
 *
 * @example
 * ```ts
 * phone.on('incoming', (call) => console.log(`${call.other.username} calls.`));
 * phone.on('signedOut', () => location.assign('/sign-in'));
 * ```
 */
export interface SwitchboardEvents {
  /** Somebody calls. Listeners that come late are told of the calls that ring already. */
  readonly incoming: Call;
  /** The connection to the server; the media of a call do not depend on it. */
  readonly connection: ConnectionState;
  /** Every event of the inbox, after the SDK has handled it. */
  readonly event: InboxEvent;
  /** The session is over: ask to sign in again. */
  readonly signedOut: null;
  /** What went wrong in the background. What can be tried again is being tried. */
  readonly error: Error;
}
