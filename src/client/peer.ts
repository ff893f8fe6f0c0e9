import type { Media } from './media.js';
import { Negotiation } from './negotiation.js';
import type { Signal, SignalQueue } from './signal-queue.js';

/** Without media for so long, from the answer or since they were lost, the call is given up. */
const connectsWithinMs = 45_000;
/** A short loss mends itself; after this another way is looked for. */
const restartAfterMs = 4_000;

export interface PeerOptions {
  readonly connection: RTCPeerConnection;
  /** The side that was called. */
  readonly answers: boolean;
  readonly media: Media;
  /** What the call is of. A caller who sends no such track asks for one all the same. */
  readonly kinds: readonly ('audio' | 'video')[];
  readonly queue: SignalQueue;
  readonly onTrack: (event: RTCTrackEvent) => void;
  readonly onState: (state: RTCPeerConnectionState) => void;
  readonly onFailure: (error: Error) => void;
  /** No way to the other peer was found in time. */
  readonly onLost: () => void;
}

/** The WebRTC side of a call: negotiates over the call's signals, and looks after the way that the media take. */
export class Peer {
  readonly connection: RTCPeerConnection;
  readonly #negotiation: Negotiation;
  readonly #answers: boolean;
  readonly #onLost: () => void;
  #restart: ReturnType<typeof setTimeout> | undefined;
  #giveUp: ReturnType<typeof setTimeout> | undefined;

  constructor({ connection, answers, media, kinds, queue, onTrack, onState, onFailure, onLost }: PeerOptions) {
    this.connection = connection;
    this.#answers = answers;
    this.#onLost = onLost;
    const addMedia = (): void => {
      for (const track of media.stream?.getTracks() ?? []) connection.addTrack(track, media.stream as MediaStream);
    };
    this.#negotiation = new Negotiation({
      connection,
      outbox: {
        description: ({ type, sdp = '' }) => void queue.push(type === 'offer' ? 'OFFER' : 'ANSWER', sdp),
        candidate: (candidate) => {
          if (candidate === null) void queue.push('ICE_CANDIDATE', '');
          else queue.pushCandidate(JSON.stringify(candidate));
        },
      },
      beforeFirstAnswer: answers ? addMedia : null,
      onFailure,
    });
    connection.ontrack = onTrack;
    connection.onconnectionstatechange = () => {
      this.#watch();
      onState(connection.connectionState);
    };
    if (answers) return;
    addMedia();
    const sent = new Set(media.stream?.getTracks().map(({ kind }) => kind));
    for (const kind of kinds) if (!sent.has(kind)) connection.addTransceiver(kind, { direction: 'recvonly' });
  }

  receive({ kind, payload }: Signal): void {
    this.#negotiation.receive(kind, payload);
  }

  /** From now on the media have to get through. */
  answered(): void {
    if (this.connection.connectionState !== 'connected') this.#giveUp ??= setTimeout(this.#onLost, connectsWithinMs);
  }

  restartIce(): void {
    this.#negotiation.restartIce();
  }

  close(): void {
    clearTimeout(this.#restart);
    clearTimeout(this.#giveUp);
    this.connection.close();
  }

  #watch(): void {
    const { connectionState } = this.connection;
    clearTimeout(this.#restart);
    if (connectionState === 'connected') {
      clearTimeout(this.#giveUp);
      this.#giveUp = undefined;
    }
    if (connectionState !== 'disconnected' && connectionState !== 'failed') return;
    this.answered();
    // The side that called first, so that the two do not offer at once; the other one where that does not help.
    this.#restart = setTimeout(() => this.restartIce(), this.#answers ? 2 * restartAfterMs : restartAfterMs);
  }
}
