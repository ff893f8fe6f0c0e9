import { RTCPeerConnection, type RTCDataChannel } from 'werift';
import type { SignalKind } from '../client/gql/graphql.js';
import { createCallOperation, endCallOperation, logoutOperation, sendSignalOperation } from '../client/operations.js';
import type { Progress } from './progress.js';
import { Refusal, type InboxEvent, type SignalingClient } from './signaling-client.js';

const loopback = '127.0.0.1';

/** No STUN, no TURN, no other interface: both peers are here. */
const onThisMachine = {
  iceServers: [],
  iceUseIpv6: false,
  iceInterfaceAddresses: { udp4: loopback },
  iceAdditionalHostAddresses: [loopback],
};

/** One side of a call: a WebRTC peer and the device that signals for it. */
export class Peer {
  readonly name: string;
  readonly client: SignalingClient;
  /** What the other side sent as CUSTOM, in the order in which it came. */
  readonly notes: string[] = [];
  readonly #progress: Progress;
  readonly #connection = new RTCPeerConnection(onThisMachine);
  readonly #waits: boolean;
  readonly #failure = Promise.withResolvers<never>();
  readonly #noted = new Map<number, () => void>();
  #callId: string | null = null;
  #channel: RTCDataChannel | null = null;
  #candidates = 0;
  #cursor: string | null = null;
  /** An offer that is not answered yet, and the candidates behind it. */
  #held: { readonly offer: string; readonly candidates: string[] } | null = null;

  /** `waits`: it rings until it is told to answer, as one of several devices does; else it answers an offer at once. */
  constructor({ name, client, progress, waits }: { name: string; client: SignalingClient; progress: Progress; waits: boolean }) {
    this.name = name;
    this.client = client;
    this.#waits = waits;
    this.#progress = progress;
    // Whoever runs the peer races it against what it does; a failure before that is not an unhandled one.
    this.#failure.promise.catch(() => undefined);
    this.#connection.onIceCandidate.subscribe((candidate) => {
      if (candidate === undefined) this.#send('ICE_CANDIDATE', '');
      else if (candidate.candidate.includes(` ${loopback} `)) this.#send('ICE_CANDIDATE', JSON.stringify(candidate.toJSON()));
    });
    this.#connection.iceConnectionStateChange.subscribe((state) => {
      if (state === 'connected') this.#progress.mark(this.name, 'ICE connected');
      if (state === 'failed') this.#failure.reject(new Error(`${this.name}: ICE found no way to the other peer.`));
    });
    this.#connection.onDataChannel.subscribe((channel) => this.#take(channel));
  }

  /** Rejects where something goes wrong that nobody waits for: a signal refused, a connection lost. */
  get failed(): Promise<never> {
    return this.#failure.promise;
  }

  get userId(): string {
    return this.client.session.user.id;
  }

  /** Opens the inbox and handles it, one event after the other, until `close`. Resolves when the server has us registered. */
  async connect(): Promise<void> {
    this.#listen().catch((error: unknown) => this.#failure.reject(error));
    await Promise.race([this.#progress.reached(this.name, 'connected'), this.failed]);
  }

  /** The caller's side: a call, then an offer in it. Returns the id of the call. */
  async call(callee: Peer): Promise<string> {
    this.#take(this.#connection.createDataChannel('demo'));
    this.#progress.mark(this.name, 'createCall');
    const { createCall } = await this.client.run(createCallOperation, { input: { calleeId: callee.userId, media: 'DATA' } });
    this.#callId = createCall.id;
    const { sdp } = await this.#connection.createOffer();
    this.#send('OFFER', sdp);
    this.#progress.mark(this.name, 'offer sent', bytes(sdp));
    await this.#connection.setLocalDescription({ type: 'offer', sdp });
    return createCall.id;
  }

  /** A call that is no more than an attempt: the other one is in a call. */
  async tryToCall(callee: Peer): Promise<void> {
    const { createCall } = await this.client.run(createCallOperation, { input: { calleeId: callee.userId, media: 'DATA' } });
    if (createCall.endReason !== 'BUSY')
      throw new Error(`${this.name} found ${createCall.endReason ?? createCall.status} instead of BUSY.`);
    this.#progress.mark(this.name, 'busy', `${createCall.status}, ${createCall.endReason}`);
  }

  /** Answers what it was holding back. */
  async answer(): Promise<void> {
    if (this.#held === null) throw new Error(`${this.name} has no offer to answer.`);
    const { offer, candidates } = this.#held;
    await this.#answer(offer);
    // Held until the last is taken: one that comes meanwhile has its turn behind the others, the end of them behind all.
    for (const candidate of candidates) await this.#addCandidate(candidate);
    this.#held = null;
  }

  /** Rejects with the server's refusal. */
  async decline(): Promise<void> {
    const id = this.#callId ?? '';
    await this.client.run(endCallOperation, { id, reason: 'DECLINED' }).catch((error: unknown) => {
      if (error instanceof Refusal) this.#progress.mark(this.name, 'declined too late', `refused: ${error.code}`);
      throw error;
    });
  }

  /** Something for the other side that goes by the server. Resolves when it is durable. */
  async note(text: string): Promise<void> {
    await this.client.run(sendSignalOperation, { input: { callId: this.#callId ?? '', kind: 'CUSTOM', payload: text } });
  }

  /** Resolves when that many notes have come. */
  noted(count: number): Promise<void> {
    return this.notes.length >= count ? Promise.resolve() : new Promise((resolve) => this.#noted.set(count, resolve));
  }

  cut(): void {
    this.client.cut();
    this.#progress.mark(this.name, 'cut off');
  }

  /** Opens the inbox again, behind the last event that was handled. */
  async comeBack(): Promise<void> {
    this.#progress.mark(this.name, 'comes back');
    this.#listen().catch((error: unknown) => this.#failure.reject(error));
    await Promise.race([this.#progress.reached(this.name, 'back'), this.failed]);
  }

  say(text: string): void {
    if (this.#channel === null) throw new Error(`${this.name} has no data channel.`);
    this.#channel.send(text);
  }

  async hangUp(): Promise<void> {
    if (this.#callId === null) throw new Error(`${this.name} is in no call.`);
    this.#progress.mark(this.name, 'hang up');
    await this.client.run(endCallOperation, { id: this.#callId });
  }

  /** Ends the peer and its session on the server. */
  async close(): Promise<void> {
    await this.#connection.close();
    await this.client.run(logoutOperation, {}).catch(() => undefined);
    await this.client.close();
  }

  async #listen(): Promise<void> {
    for await (const event of this.client.inbox(this.#cursor)) {
      await this.#handle(event);
      this.#cursor = event.cursor;
    }
  }

  async #handle(event: InboxEvent): Promise<void> {
    switch (event.__typename) {
      case 'Ready':
        if (!event.recovered) throw new Error(`${this.name}: the server no longer keeps what came meanwhile.`);
        return this.#progress.mark(this.name, this.#cursor === null ? 'connected' : 'back');
      case 'CallChanged':
        return this.#changed(event);
      case 'SignalReceived':
        return this.#received(event);
      default:
        // A newer server may send what this program does not know: it is to be ignored.
        return;
    }
  }

  #changed({ change, call }: Extract<InboxEvent, { __typename: 'CallChanged' }>): void {
    if (change === 'CREATED' && this.#waits) {
      this.#callId = call.id;
      this.#progress.mark(this.name, 'rings');
    }
    if (change === 'RINGING' && !this.#waits) this.#progress.mark(this.name, 'ringing');
    if (change === 'ANSWERED_ELSEWHERE') {
      this.#held = null;
      const ms = this.#progress.since('answer sent');
      this.#progress.mark(this.name, 'answered elsewhere', `${ms.toFixed(1)} ms after the answer`);
    }
    // Of another call than one's own, somebody may have been told that it is busy.
    if (call.status === 'ENDED' && call.id === this.#callId) this.#progress.mark(this.name, 'ended', call.endReason ?? '');
  }

  async #received({ callId, kind, payload }: Extract<InboxEvent, { __typename: 'SignalReceived' }>): Promise<void> {
    switch (kind) {
      case 'OFFER': {
        this.#progress.mark(this.name, 'offer received', bytes(payload));
        this.#callId = callId;
        if (this.#waits) this.#held = { offer: payload, candidates: [] };
        else await this.#answer(payload);
        return;
      }
      case 'ANSWER':
        this.#progress.mark(this.name, 'answer received', bytes(payload));
        return this.#connection.setRemoteDescription({ type: 'answer', sdp: payload });
      case 'ICE_CANDIDATE':
        if (this.#held !== null) this.#held.candidates.push(payload);
        else if (this.#connection.remoteDescription !== undefined) await this.#addCandidate(payload);
        return;
      case 'CUSTOM':
        this.notes.push(payload);
        this.#noted.get(this.notes.length)?.();
        return;
    }
  }

  async #answer(offer: string): Promise<void> {
    await this.#connection.setRemoteDescription({ type: 'offer', sdp: offer });
    const { sdp } = await this.#connection.createAnswer();
    // Sent before it is set: that starts the candidates, and one that came before the answer would be refused.
    this.#send('ANSWER', sdp);
    this.#progress.mark(this.name, 'answer sent', bytes(sdp));
    await this.#connection.setLocalDescription({ type: 'answer', sdp });
  }

  async #addCandidate(payload: string): Promise<void> {
    if (payload === '') this.#progress.mark(this.name, 'candidates received', `${this.#candidates}`);
    else this.#candidates += 1;
    await this.#connection.addIceCandidate(payload === '' ? null : (JSON.parse(payload) as { candidate: string }));
  }

  #take(channel: RTCDataChannel): void {
    this.#channel = channel;
    channel.onmessage = ({ data }) => this.#progress.mark(this.name, 'message received', `"${data.toString()}"`);
    const opened = (): void => this.#progress.mark(this.name, 'data channel open');
    if (channel.readyState === 'open') opened();
    else channel.onopen = opened;
  }

  /** Not awaited, so that candidates trickle: signals of one socket keep their order. */
  #send(kind: SignalKind, payload: string): void {
    if (this.#callId === null) throw new Error(`${this.name} has a signal and no call.`);
    const input = { callId: this.#callId, kind, payload };
    this.client.run(sendSignalOperation, { input }).catch((error: unknown) => this.#failure.reject(error));
  }
}

function bytes(text: string): string {
  return `${Buffer.byteLength(text)} bytes`;
}
