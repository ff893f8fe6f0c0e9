import type { Call, CallInfo } from '../../client/index.js';
import { Store } from '../store.js';
import { acquireCamera, acquireMedia } from './acquire-media.js';

/** What this side sends, as its controls show it. */
export interface Outgoing {
  /** For the preview; null where there is no picture. */
  readonly picture: MediaStreamTrack | null;
  readonly hasMicrophone: boolean;
  readonly isMuted: boolean;
  readonly isSharing: boolean;
  readonly note: string | null;
}

/** The microphone, the camera and the screen of one call: owns the tracks, and stops each of them in the end. */
export class OutgoingMedia extends Store<Outgoing> {
  readonly stream: MediaStream;
  #call: Call | null = null;
  #camera: MediaStreamTrack | null;
  #screen: MediaStreamTrack | null = null;

  static async acquire(media: CallInfo['media']): Promise<OutgoingMedia> {
    const { stream, note } = await acquireMedia(media === 'VIDEO');
    return new OutgoingMedia(stream, note);
  }

  private constructor(stream: MediaStream, note: string | null) {
    const camera = stream.getVideoTracks()[0] ?? null;
    super({ picture: camera, hasMicrophone: stream.getAudioTracks().length > 0, isMuted: false, isSharing: false, note });
    this.stream = stream;
    this.#camera = camera;
  }

  /** The call that the tracks are sent in. */
  attach(call: Call): void {
    this.#call = call;
  }

  toggleMicrophone(): void {
    const isMuted = !this.value.isMuted;
    for (const track of this.stream.getAudioTracks()) track.enabled = !isMuted;
    this.update((value) => ({ ...value, isMuted }));
  }

  /** Off stops the camera, so that its light goes out. Rejects with why there is none. */
  async toggleCamera(): Promise<void> {
    if (this.#camera !== null) {
      this.#camera.stop();
      this.#camera = null;
    } else this.#camera = await acquireCamera();
    if (this.#screen === null) await this.#send(this.#camera);
  }

  /** In the place of the camera. Resolves with nothing done where no screen was chosen. */
  async toggleScreen(): Promise<void> {
    if (this.#screen !== null) return this.#endScreen();
    const shared = await navigator.mediaDevices.getDisplayMedia({ video: true }).catch((error: Error) => {
      if (error.name === 'NotAllowedError') return null;
      throw error;
    });
    const [track] = shared?.getVideoTracks() ?? [];
    if (track === undefined) return;
    this.#screen = track;
    track.addEventListener('ended', () => void this.#endScreen());
    await this.#send(track);
  }

  stop(): void {
    for (const track of [...this.stream.getTracks(), this.#camera, this.#screen]) track?.stop();
  }

  async #endScreen(): Promise<void> {
    this.#screen?.stop();
    this.#screen = null;
    await this.#send(this.#camera);
  }

  /** The direction is negotiated with it, so that the other side knows that a picture is gone and does not show its last frame. */
  async #send(track: MediaStreamTrack | null): Promise<void> {
    const transceiver = this.#call?.connection?.getTransceivers().find(({ receiver }) => receiver.track.kind === 'video');
    if (transceiver === undefined) {
      if (track !== null) this.#call?.addTrack(track, this.stream);
    } else {
      await transceiver.sender.replaceTrack(track);
      transceiver.direction = track === null ? 'recvonly' : 'sendrecv';
      if (track !== null) transceiver.sender.setStreams(this.stream);
    }
    this.update((value) => ({ ...value, picture: track, isSharing: this.#screen !== null }));
  }
}
