import type { Connection } from './connection.js';
import type { CreatePeerConnection } from './media.js';
import { iceServersOperation } from './operations.js';
import { retrying } from './retry.js';

/** Asked for again so long before they expire. */
const reserveMs = 60_000;

/** Makes the peer connections of a device, each with servers whose credentials are good, for as long as it is open. */
export class PeerConnections {
  readonly #connection: Connection;
  readonly #create: CreatePeerConnection;
  readonly #configuration: RTCConfiguration;
  readonly #now: () => number;
  readonly #onFailure: (error: Error) => void;
  readonly #open = new Set<RTCPeerConnection>();
  #servers: Promise<RTCIceServer[]> | null = null;
  #renewal: ReturnType<typeof setTimeout> | undefined;

  /** `now` is the server's clock, in milliseconds. `configuration.iceServers` are used besides the server's own. */
  constructor(options: {
    readonly connection: Connection;
    readonly create: CreatePeerConnection;
    readonly configuration: RTCConfiguration;
    readonly now: () => number;
    readonly onFailure: (error: Error) => void;
  }) {
    this.#connection = options.connection;
    this.#create = options.create;
    this.#configuration = options.configuration;
    this.#now = options.now;
    this.#onFailure = options.onFailure;
  }

  async create(): Promise<RTCPeerConnection> {
    const connection = this.#create(await this.#settings());
    this.#forgetClosed();
    this.#open.add(connection);
    return connection;
  }

  close(): void {
    clearTimeout(this.#renewal);
    this.#open.clear();
  }

  #forgetClosed(): void {
    for (const connection of this.#open) if (connection.signalingState === 'closed') this.#open.delete(connection);
  }

  async #settings(): Promise<RTCConfiguration> {
    const servers = await (this.#servers ??= this.#ask());
    return { ...this.#configuration, iceServers: [...(this.#configuration.iceServers ?? []), ...servers] };
  }

  async #ask(): Promise<RTCIceServer[]> {
    try {
      const { iceServers } = await retrying(() => this.#connection.request(iceServersOperation, {}));
      if (iceServers.expiresAt !== null) this.#renewBefore(Date.parse(iceServers.expiresAt) - this.#now());
      return iceServers.servers.map(({ urls, username, credential }) => ({
        urls,
        ...(username === null ? {} : { username }),
        ...(credential === null ? {} : { credential }),
      }));
    } catch (error) {
      // A call may well get through without them, and the next one asks again.
      this.#servers = null;
      this.#onFailure(error as Error);
      return [];
    }
  }

  /** A connection that is open uses the new ones at its next ICE restart. */
  #renewBefore(lifetimeMs: number): void {
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(
      () => {
        this.#servers = null;
        this.#forgetClosed();
        if (this.#open.size === 0) return;
        void this.#settings()
          .then((settings) => this.#open.forEach((connection) => connection.setConfiguration(settings)))
          .catch(this.#onFailure);
      },
      Math.max(lifetimeMs - reserveMs, lifetimeMs / 2),
    );
  }
}
