import type { InboxEventPartsFragment, SessionPartsFragment, SignalKind } from '../../src/client/gql/graphql.js';
import { Switchboard, type Call, type SessionStore, type StoredSession } from '../../src/client/index.js';
import { Proxy } from './proxy.js';
import { Heard, type Addresses, type Handle, type Talker } from './talker.js';

const patientMs = 90_000;

/** The SDK as an application uses it that brings its own peers, behind a network of its own. */
export class SdkDevice implements Talker {
  /** The SDK keeps the order by itself. */
  readonly atOnce = 5;
  readonly #session: SessionPartsFragment;
  readonly #nodes: () => Addresses;
  readonly #handle: Handle;
  readonly #heard: Heard;
  readonly #calls = new Map<string, Call>();
  #network: Proxy | null = null;
  #phone: Switchboard | null = null;
  #isSubscribed = false;
  #isKnown = false;
  unrecovered = 0;

  constructor(session: SessionPartsFragment, nodes: () => Addresses, handle: Handle, patienceMs = patientMs) {
    this.#session = session;
    this.#nodes = nodes;
    this.#handle = handle;
    this.#heard = new Heard(patienceMs);
  }

  get userId(): string {
    return this.#session.user.id;
  }

  get id(): string {
    return this.#session.device.id;
  }

  get connections(): number {
    return this.#network?.made ?? 0;
  }

  async arrive(): Promise<void> {
    this.#network = await Proxy.start(this.#nodes());
    this.#phone = new Switchboard({ url: this.#network.url, createPeerConnection: null, store: storeWith(this.#session) });
    this.#phone.on('event', (event) => this.#next(event));
    this.#phone.on('incoming', (call) => this.#calls.set(call.id, call));
    this.#phone.on('connection', () => (this.#isSubscribed = false));
    await this.#phone.resume();
    await this.#phone.ready();
  }

  async leave(): Promise<void> {
    await this.#phone?.close();
    await this.#network?.stop();
  }

  cut(): boolean {
    if (!this.#isSubscribed) return false;
    this.#isSubscribed = false;
    this.#network?.cut();
    return true;
  }

  async call(calleeId: string): Promise<string> {
    const call = await this.#phone!.call(calleeId, { ringSeconds: 180 });
    this.#calls.set(call.id, call);
    return call.id;
  }

  async answer(callId: string, payload: string): Promise<void> {
    await this.#calls.get(callId)?.accept();
    await this.say(callId, 'ANSWER', payload);
  }

  async say(callId: string, kind: SignalKind, payload: string): Promise<void> {
    const call = this.#calls.get(callId);
    if (call === undefined) throw new Error('The SDK was not told of the call.');
    await call.send(payload, kind);
  }

  async end(callId: string): Promise<void> {
    await this.#calls.get(callId)?.hangUp();
  }

  hears(name: string): Promise<boolean> {
    return this.#heard.hears(name);
  }

  #next(event: InboxEventPartsFragment): void {
    this.#handle(event);
    if (event.__typename === 'Ready') {
      if (!event.recovered && this.#isKnown) this.unrecovered += 1;
      this.#isKnown = true;
      this.#isSubscribed = true;
    } else if (event.__typename === 'CallChanged' && event.change === 'ENDED') {
      this.#calls.delete(event.call.id);
    }
    this.#heard.note(event);
  }
}

/** As an application keeps a session that it had before. */
function storeWith(session: SessionPartsFragment): SessionStore {
  let kept: StoredSession | null = { ...session, goodUntilMs: Date.parse(session.expiresAt) };
  return { load: () => kept, save: (next) => void (kept = next) };
}
