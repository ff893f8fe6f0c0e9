import { RTCPeerConnection, type RTCDataChannel } from 'werift';
import { iceServersOperation } from '../../src/client/operations.js';
import { run } from './api.js';
import { signUp, type Device } from './device.js';
import type { TestServer } from './server.js';
import { until } from './until.js';

const connectWithinMs = 20_000;

/** A WebRTC peer that uses nothing but the TURN server it is told of, as one behind a strict firewall would. */
export class RelayPeer {
  readonly device: Device;
  /** What came by the data channel. */
  readonly heard: string[] = [];
  readonly #connection: RTCPeerConnection;
  #channel: RTCDataChannel | null = null;

  /** Signs up, listens to its inbox, and asks the server for its ICE servers. */
  static async enter(server: TestServer, name: string): Promise<RelayPeer> {
    const device = await signUp(server, name);
    await device.connect();
    const { iceServers } = await run(server.url, device.token, iceServersOperation, {});
    const connection = new RTCPeerConnection({
      iceServers: iceServers.servers.map(({ urls, username, credential }) => ({
        urls,
        ...(username == null || credential == null ? {} : { username, credential }),
      })),
      iceTransportPolicy: 'relay',
      iceUseIpv6: false,
      iceInterfaceAddresses: { udp4: '127.0.0.1' },
    });
    return new RelayPeer(device, connection);
  }

  private constructor(device: Device, connection: RTCPeerConnection) {
    this.device = device;
    this.#connection = connection;
    connection.onDataChannel.subscribe((channel) => this.#take(channel));
  }

  /** Calls, and is answered. Resolves with the id of the call when the data channel is open on both sides. */
  async call(callee: RelayPeer): Promise<string> {
    this.#take(this.#connection.createDataChannel('talk'));
    const { id } = await this.device.ring(callee.device, { media: 'DATA' });
    await this.device.send(id, 'OFFER', await this.#offer());
    await callee.device.send(id, 'ANSWER', await callee.#answer());
    await this.#connection.setRemoteDescription({ type: 'answer', sdp: (await this.#described('ANSWER')).payload });
    for (const peer of [this, callee]) {
      await until('an open data channel', () => peer.#channel?.readyState === 'open', { withinMs: connectWithinMs });
    }
    return id;
  }

  say(text: string): void {
    this.#channel?.send(text);
  }

  async hears(text: string): Promise<void> {
    await until('what was said', () => this.heard.includes(text));
  }

  /** The candidates that came to it through the server, as SDP lines. */
  get offeredCandidates(): string[] {
    const signals = this.device.signals.filter(({ kind }) => kind === 'OFFER' || kind === 'ANSWER');
    return signals.flatMap(({ payload }) => payload.match(/^a=candidate:.*$/gm) ?? []);
  }

  /** The two candidates between which it sends, as SDP. */
  get route(): { local: string; remote: string } {
    const pair = this.#connection.iceTransports[0]?.getSelectedCandidatePair();
    if (pair == null) throw new Error('ICE has chosen no pair.');
    return { local: pair.local.candidate, remote: pair.remote.candidate };
  }

  async leave(): Promise<void> {
    await this.#connection.close();
    await this.device.leave();
  }

  #described(kind: 'OFFER' | 'ANSWER') {
    return until(kind, () => this.device.signals.find((signal) => signal.kind === kind));
  }

  async #offer(): Promise<string> {
    return this.#gathered(await this.#connection.createOffer());
  }

  async #answer(): Promise<string> {
    await this.#connection.setRemoteDescription({ type: 'offer', sdp: (await this.#described('OFFER')).payload });
    return this.#gathered(await this.#connection.createAnswer());
  }

  /** The description with every candidate in it: it says more to who reads it, and is one signal. */
  async #gathered(description: Parameters<RTCPeerConnection['setLocalDescription']>[0]): Promise<string> {
    await this.#connection.setLocalDescription(description);
    await until('all candidates', () => this.#connection.iceGatheringState === 'complete', { withinMs: connectWithinMs });
    return this.#connection.localDescription!.sdp;
  }

  #take(channel: RTCDataChannel): void {
    this.#channel = channel;
    channel.onmessage = ({ data }) => this.heard.push(data.toString());
  }
}
