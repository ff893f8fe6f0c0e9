import { Emitter } from './emitter.js';
import type { CallPartsFragment, EndReason, SignalKind } from './gql/graphql.js';
import { HeldSignals } from './held-signals.js';
import type { Line } from './line.js';
import type { Media } from './media.js';
import { Peer } from './peer.js';
import { SignalQueue, type Signal } from './signal-queue.js';

/**
 * A call as the server tells it: who, since when, how it stands and how it ended.
 *
 * @example
 * ```ts
 * const lasted = ({ answeredAt, endedAt }: CallInfo) => Date.parse(endedAt ?? '') - Date.parse(answeredAt ?? '');
 * call.on('ended', (info) => console.log(info.endReason, lasted(info)));
 * ```
 */
export type CallInfo = CallPartsFragment;

/**
 * What a call tells, by `on` and by `events`.
 *
 * @example
 * ```ts
 * call.on('answered', () => console.log('They talk.'));
 * for await (const event of call.events()) {
 *   if (event.type === 'signal') console.log(event.detail.payload);
 * }
 * ```
 */
export interface CallEvents {
  /** A device of the other side has it. */
  readonly ringing: CallInfo;
  /** It is answered, by this device or to it. */
  readonly answered: CallInfo;
  /** Another device of this user has answered: stop ringing. */
  readonly elsewhere: CallInfo;
  /** It is over; `endReason` says how. The last event. */
  readonly ended: CallInfo;
  /** The other side sends another track. `remoteStream` has it already. */
  readonly track: RTCTrackEvent;
  /** How the media get through. */
  readonly connection: RTCPeerConnectionState;
  /** A signal that is the application's. */
  readonly signal: Signal;
  /** What went wrong beside what was asked for. The call goes on. */
  readonly error: Error;
}

/** How the keeper of all calls tells one of them what came for it. */
export interface CallFeed {
  update(info: CallInfo): void;
  signal(signal: Signal): void;
  start(media: Media): Promise<void>;
  networkChanged(): void;
  close(): void;
}

const order = ['CREATED', 'RINGING', 'ACTIVE', 'ENDED'] as const;
const kindsOf = { AUDIO: ['audio'], VIDEO: ['audio', 'video'], DATA: [] } as const;

/**
 * One call, outgoing or incoming, from its first ring to its end.
 *
 * @example
 * ```ts
 * phone.on('incoming', async (call) => {
 *   call.on('ended', ({ endReason }) => console.log('over:', endReason));
 *   await call.accept({ stream: await navigator.mediaDevices.getUserMedia({ audio: true }) });
 * });
 * ```
 */
export class Call extends Emitter<CallEvents> {
  readonly #line: Line;
  readonly #queue: SignalQueue;
  #info: CallInfo;
  #peer: Peer | null = null;
  #starting: Promise<void> | null = null;
  /** Hung up here, whether or not the server knows. */
  #isLeft = false;
  /** Of the other side, until there is a peer for them. */
  readonly #held = new HeldSignals();
  #remoteStream: MediaStream | null = null;

  /** Made by `Switchboard`; `attach` is given the way by which it is told what came. */
  constructor(info: CallInfo, line: Line, attach: (feed: CallFeed) => void) {
    super();
    this.#info = info;
    this.#line = line;
    this.#queue = new SignalQueue({
      send: (signal) => line.send({ callId: info.id, ...signal }),
      onFailure: (error) => this.emit('error', error),
    });
    attach({
      update: (next) => this.#update(next),
      signal: (signal) => this.#receive(signal),
      start: (media) => this.#start(media),
      networkChanged: () => this.#peer?.restartIce(),
      close: () => this.#close(),
    });
  }

  get id(): string {
    return this.#info.id;
  }

  /** As the server told it last. */
  get info(): CallInfo {
    return this.#info;
  }

  get status(): CallInfo['status'] {
    return this.#info.status;
  }

  /** Whoever is on the other side. */
  get other(): CallInfo['caller'] {
    return this.#info.direction === 'INCOMING' ? this.#info.caller : this.#info.callee;
  }

  /** It is answered, by another device of this user. */
  get isElsewhere(): boolean {
    const { status, direction, callerDeviceId, calleeDeviceId } = this.#info;
    const mine = direction === 'INCOMING' ? calleeDeviceId : callerDeviceId;
    return status === 'ACTIVE' && mine !== this.#line.deviceId;
  }

  /** The WebRTC connection, from when this device calls or accepts until the end: for data channels, statistics and all else. */
  get connection(): RTCPeerConnection | null {
    return this.#peer?.connection ?? null;
  }

  /** What the other side sends: give it to a video element once, tracks come and go by themselves. */
  get remoteStream(): MediaStream {
    return (this.#remoteStream ??= new MediaStream());
  }

  /** Answers. Rejects with CALL_STATE_CONFLICT where another device was faster, or the call is over. */
  async accept(media: Media = {}): Promise<this> {
    this.#update(await this.#line.accept(this.id));
    await this.#start(media);
    return this;
  }

  /** Refuses; all devices stop ringing. */
  async decline(reason: 'DECLINED' | 'BUSY' = 'DECLINED'): Promise<void> {
    this.#update(await this.#line.end(this.id, reason, null));
  }

  /**
   * Cancels the call while it rings, ends it afterwards. The media stop at once, whether or not the server can be reached.
   * `detail`, for support, goes to the timeline.
   */
  async hangUp({ reason = null, detail = null }: { reason?: EndReason | null; detail?: string | null } = {}): Promise<void> {
    this.#isLeft = true;
    this.#held.clear();
    this.#peer?.close();
    // Of a call that another device has answered only an explicit one counts.
    this.#update(await this.#line.end(this.id, reason ?? (this.isElsewhere ? 'HUNG_UP' : null), detail));
  }

  /** Sends one more track; the peers negotiate by themselves. */
  addTrack(track: MediaStreamTrack, ...streams: MediaStream[]): RTCRtpSender {
    if (this.#peer === null) throw new Error('The call has no connection yet: accept it first.');
    return this.#peer.connection.addTrack(track, ...streams);
  }

  /** Sends no more of it. To send another one in its place, without negotiation, use `sender.replaceTrack`. */
  removeTrack(sender: RTCRtpSender): void {
    this.#peer?.connection.removeTrack(sender);
  }

  /** Sends a signal of the application's own; resolves when it cannot be lost any more. At most 32 KiB. */
  send(payload: string, kind: SignalKind = 'CUSTOM'): Promise<void> {
    return this.#queue.push(kind, payload);
  }

  /** Once, however often it is accepted. */
  #start(media: Media): Promise<void> {
    return (this.#starting ??= this.#open(media).catch((error: unknown) => {
      this.#starting = null;
      throw error;
    }));
  }

  async #open(media: Media): Promise<void> {
    const { peerConnections } = this.#line;
    if (peerConnections !== null && !this.#isOver) {
      const connection = await peerConnections.create();
      this.#peer = new Peer({
        connection,
        answers: this.#info.direction === 'INCOMING',
        media,
        kinds: kindsOf[this.#info.media],
        queue: this.#queue,
        onTrack: (event) => {
          this.remoteStream.addTrack(event.track);
          event.track.addEventListener('ended', () => this.remoteStream.removeTrack(event.track));
          this.emit('track', event);
        },
        onState: (state) => this.emit('connection', state),
        onFailure: (error) => this.emit('error', error),
        onLost: () => void this.hangUp({ reason: 'MEDIA_FAILED' }).catch((error: Error) => this.emit('error', error)),
      });
      // It may have ended while the servers for the connection were asked for.
      if (this.#isOver) this.#peer.close();
      else if (this.#info.status === 'ACTIVE') this.#peer.answered();
    }
    for (const signal of this.#held.take()) this.#receive(signal);
  }

  #receive(signal: Signal): void {
    if (this.#line.peerConnections === null || signal.kind === 'CUSTOM') this.emit('signal', signal);
    else if (this.#peer !== null) this.#peer.receive(signal);
    else if (!this.#isOver && !this.isElsewhere && !this.#held.add(signal))
      this.emit('error', new Error('Too much was sent before the answer.'));
  }

  get #isOver(): boolean {
    return this.#isLeft || this.#info.status === 'ENDED';
  }

  /** What is older than what is known changes nothing: answers and events pass each other. */
  #update(info: CallInfo): void {
    const before = this.#info.status;
    if (order.indexOf(info.status) <= order.indexOf(before)) return;
    this.#info = info;
    if (info.status === 'RINGING') this.emit('ringing', info);
    if (info.status === 'ACTIVE' && this.isElsewhere) {
      this.#held.clear();
      this.emit('elsewhere', info);
    } else if (info.status === 'ACTIVE') {
      this.#peer?.answered();
      this.emit('answered', info);
    }
    if (info.status === 'ENDED') {
      this.emit('ended', info);
      this.#close();
    }
  }

  #close(): void {
    this.#isLeft = true;
    this.#queue.close();
    this.#peer?.close();
    this.#held.clear();
    this.closeEvents();
  }
}
