import type { Call, CallInfo } from '../../client/index.js';
import { Store } from '../store.js';
import type { OutgoingMedia } from './outgoing-media.js';

export interface LiveView {
  readonly info: CallInfo;
  /** How the media get through; null until there is a connection to speak of. */
  readonly media: RTCPeerConnectionState | null;
  readonly hasPicture: boolean;
  /** Hung up here; the server is still to be told. */
  readonly isLeaving: boolean;
  /** What went wrong beside the call, which goes on. */
  readonly fault: string | null;
}

/** The call that this tab is in, with what it sends and what it receives. */
export class LiveCall extends Store<LiveView> {
  readonly call: Call;
  readonly outgoing: OutgoingMedia;
  readonly #off: (() => void)[];

  constructor(call: Call, outgoing: OutgoingMedia, onEnd: (info: CallInfo) => void) {
    super({ info: call.info, media: null, hasPicture: false, isLeaving: false, fault: null });
    this.call = call;
    this.outgoing = outgoing;
    const tell = (): void => this.update((view) => ({ ...view, info: call.info }));
    this.#off = [
      call.on('ringing', tell),
      call.on('answered', tell),
      call.on('elsewhere', onEnd),
      call.on('ended', onEnd),
      call.on('connection', (media) => this.update((view) => ({ ...view, media }))),
      call.on('error', (error) => this.update((view) => ({ ...view, fault: error.message }))),
      call.on('track', ({ track }) => this.#watch(track)),
    ];
  }

  /** Ends it for this side at once, whether or not the server can be reached. */
  async hangUp(): Promise<void> {
    this.outgoing.stop();
    this.update((view) => ({ ...view, hasPicture: false, isLeaving: true }));
    await this.call.hangUp();
  }

  /** What was acquired for the call is let go of. */
  close(): void {
    for (const off of this.#off) off();
    this.outgoing.stop();
  }

  /** A track that is not sent for now is muted, and shows a frozen picture. */
  #watch(track: MediaStreamTrack): void {
    const look = (): void => {
      const hasPicture = this.call.remoteStream.getVideoTracks().some(({ muted, readyState }) => !muted && readyState === 'live');
      this.update((view) => (view.hasPicture === hasPicture ? view : { ...view, hasPicture }));
    };
    for (const change of ['mute', 'unmute', 'ended']) track.addEventListener(change, look);
    look();
  }
}
