import { RTCPeerConnection, type RTCDataChannel } from 'werift';
import type { SignalKind } from '../client/gql/graphql.js';
import { createCallOperation, endCallOperation, logoutOperation, sendSignalOperation } from '../client/operations.js';
import type { Progress } from './progress.js';
import type { InboxEvent, SignalingClient } from './signaling-client.js';

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
  readonly #client: SignalingClient;
  readonly #progress: Progress;
  readonly #connection = new RTCPeerConnection(onThisMachine);
  readonly #failure = Promise.withResolvers<never>();
  #callId: string | null = null;
  #channel: RTCDataChannel | null = null;
  #candidates = 0;

  constructor({ name, client, progress }: { name: string; client: SignalingClient; progress: Progress }) {
    this.name = name;
    this.#client = client;
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
    return this.#client.session.user.id;
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
    const { createCall } = await this.#client.run(createCallOperation, { input: { calleeId: callee.userId, media: 'DATA' } });
    this.#callId = createCall.id;
    const { sdp } = await this.#connection.createOffer();
    this.#send('OFFER', sdp);
    this.#progress.mark(this.name, 'offer sent', bytes(sdp));
    await this.#connection.setLocalDescription({ type: 'offer', sdp });
    return createCall.id;
  }

  say(text: string): void {
    if (this.#channel === null) throw new Error(`${this.name} has no data channel.`);
    this.#channel.send(text);
  }

  async hangUp(): Promise<void> {
    if (this.#callId === null) throw new Error(`${this.name} is in no call.`);
    this.#progress.mark(this.name, 'hang up');
    await this.#client.run(endCallOperation, { id: this.#callId });
  }

  /** Ends the peer and its session on the server. */
  async close(): Promise<void> {
    await this.#connection.close();
    await this.#client.run(logoutOperation, {}).catch(() => undefined);
    await this.#client.close();
  }

  async #listen(): Promise<void> {
    for await (const event of this.#client.inbox()) await this.#handle(event);
  }

  async #handle(event: InboxEvent): Promise<void> {
    switch (event.__typename) {
      case 'Ready':
        return this.#progress.mark(this.name, 'connected');
      case 'CallChanged':
        if (event.change === 'RINGING') this.#progress.mark(this.name, 'ringing');
        if (event.call.status === 'ENDED') this.#progress.mark(this.name, 'ended', event.call.endReason ?? '');
        return;
      case 'SignalReceived':
        return this.#received(event);
      default:
        // A newer server may send what this program does not know: it is to be ignored.
        return;
    }
  }

  async #received({ callId, kind, payload }: Extract<InboxEvent, { __typename: 'SignalReceived' }>): Promise<void> {
    switch (kind) {
      case 'OFFER': {
        this.#progress.mark(this.name, 'offer received', bytes(payload));
        this.#callId = callId;
        await this.#connection.setRemoteDescription({ type: 'offer', sdp: payload });
        const { sdp } = await this.#connection.createAnswer();
        // Sent before it is set: that starts the candidates, and one that came before the answer would be refused.
        this.#send('ANSWER', sdp);
        this.#progress.mark(this.name, 'answer sent', bytes(sdp));
        await this.#connection.setLocalDescription({ type: 'answer', sdp });
        return;
      }
      case 'ANSWER':
        this.#progress.mark(this.name, 'answer received', bytes(payload));
        return this.#connection.setRemoteDescription({ type: 'answer', sdp: payload });
      case 'ICE_CANDIDATE':
        if (payload === '') this.#progress.mark(this.name, 'candidates received', `${this.#candidates}`);
        else this.#candidates += 1;
        return this.#connection.addIceCandidate(payload === '' ? null : (JSON.parse(payload) as { candidate: string }));
      case 'CUSTOM':
        return;
    }
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
    this.#client.run(sendSignalOperation, { input }).catch((error: unknown) => this.#failure.reject(error));
  }
}

function bytes(text: string): string {
  return `${Buffer.byteLength(text)} bytes`;
}
