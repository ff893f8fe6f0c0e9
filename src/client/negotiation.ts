import type { SignalKind } from './gql/graphql.js';

/** What a peer tells the other one. */
export interface Outbox {
  description(description: RTCSessionDescriptionInit): void;
  /** Null at the end of the candidates. */
  candidate(candidate: RTCIceCandidateInit | null): void;
}

/** Of one description a peer has some tens. */
const mostEarly = 500;

/**
 * Perfect negotiation (W3C WebRTC, section 10.7) for one peer connection: either side may change what it sends at any
 * time, and where both do at once the polite one takes its own offer back. What is received is handled one after the other.
 *
 * The side that answers the call waits for the first offer, and adds its own tracks to it then: so they go into the
 * offer's own sections, and one round is enough.
 */
export class Negotiation {
  readonly #connection: RTCPeerConnection;
  readonly #isPolite: boolean;
  readonly #outbox: Outbox;
  readonly #onFailure: (error: Error) => void;
  #beforeFirstAnswer: (() => void) | null;
  #isMakingOffer = false;
  #isSettingAnswer = false;
  #ignoresOffer = false;
  /** Candidates that came before the description that they belong to. */
  #early: RTCIceCandidateInit[] = [];
  #handled: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly connection: RTCPeerConnection;
    readonly outbox: Outbox;
    /** Of the side that answers: called once, between the first offer and its answer. Null on the side that calls. */
    readonly beforeFirstAnswer: (() => void) | null;
    readonly onFailure: (error: Error) => void;
  }) {
    this.#connection = options.connection;
    this.#isPolite = options.beforeFirstAnswer !== null;
    this.#beforeFirstAnswer = options.beforeFirstAnswer;
    this.#outbox = options.outbox;
    this.#onFailure = options.onFailure;
    this.#connection.onnegotiationneeded = () => void this.#offer();
    this.#connection.onicecandidate = ({ candidate }) => {
      // An empty one ends a generation, null ends them all.
      if (candidate == null) this.#outbox.candidate(null);
      else if (candidate.candidate !== '') this.#outbox.candidate(candidate.toJSON());
    };
    this.#connection.oniceconnectionstatechange = () => {
      if (this.#connection.iceConnectionState === 'failed') this.restartIce();
    };
  }

  /** Looks for another way to the other peer: after a change of networks, or where the way there was is lost. */
  restartIce(): void {
    if (this.#beforeFirstAnswer === null && this.#connection.signalingState !== 'closed') this.#connection.restartIce();
  }

  /** In the order in which they were sent. */
  receive(kind: SignalKind, payload: string): void {
    this.#handled = this.#handled
      .then(() =>
        kind === 'ICE_CANDIDATE' ? this.#candidates(payload) : this.#description(kind === 'OFFER' ? 'offer' : 'answer', payload),
      )
      .catch((error: unknown) => {
        if (this.#connection.signalingState !== 'closed') this.#onFailure(error as Error);
      });
  }

  async #offer(): Promise<void> {
    // What needs one now is in the answer, or needs one again behind it.
    if (this.#beforeFirstAnswer !== null) return;
    try {
      this.#isMakingOffer = true;
      await this.#connection.setLocalDescription();
      this.#tellDescription();
    } catch (error) {
      if (this.#connection.signalingState !== 'closed') this.#onFailure(error as Error);
    } finally {
      this.#isMakingOffer = false;
    }
  }

  async #description(type: 'offer' | 'answer', sdp: string): Promise<void> {
    const isReady = !this.#isMakingOffer && (this.#connection.signalingState === 'stable' || this.#isSettingAnswer);
    this.#ignoresOffer = type === 'offer' && !isReady && !this.#isPolite;
    if (this.#ignoresOffer) return;
    // An answer to an offer that was taken back.
    if (type === 'answer' && this.#connection.signalingState !== 'have-local-offer') return;
    this.#isSettingAnswer = type === 'answer';
    try {
      await this.#connection.setRemoteDescription({ type, sdp });
    } finally {
      this.#isSettingAnswer = false;
    }
    await this.#add(this.#early.splice(0));
    if (type === 'answer') return;
    this.#beforeFirstAnswer?.();
    this.#beforeFirstAnswer = null;
    await this.#connection.setLocalDescription();
    this.#tellDescription();
  }

  async #candidates(payload: string): Promise<void> {
    if (payload === '') return;
    const parsed = JSON.parse(payload) as RTCIceCandidateInit | RTCIceCandidateInit[];
    const candidates = Array.isArray(parsed) ? parsed : [parsed];
    if (this.#connection.remoteDescription !== null) return this.#add(candidates);
    if (this.#early.length + candidates.length > mostEarly) throw new Error('Too many candidates came before their description.');
    this.#early.push(...candidates);
  }

  /** One that cannot be added keeps neither the others nor an answer from their way; the first of them is told. */
  async #add(candidates: readonly RTCIceCandidateInit[]): Promise<void> {
    let failed: Error | null = null;
    for (const candidate of candidates) {
      try {
        await this.#connection.addIceCandidate(candidate);
      } catch (error) {
        failed ??= error as Error;
      }
    }
    // Those of an offer that was ignored cannot be.
    if (failed !== null && !this.#ignoresOffer && this.#connection.signalingState !== 'closed') this.#onFailure(failed);
  }

  #tellDescription(): void {
    const { localDescription } = this.#connection;
    if (localDescription !== null) this.#outbox.description(localDescription);
  }
}
