import { SwitchboardError, type Call, type CallInfo, type Switchboard } from '../../client/index.js';
import type { Notices } from '../notices.js';
import { explain, outcomeOf } from '../phrases.js';
import { Store } from '../store.js';
import { LiveCall } from './live-call.js';
import { OutgoingMedia } from './outgoing-media.js';

/** A call that rings here. */
export interface Ringing {
  readonly call: Call;
  /** Somebody at this device does not want to hear of it; the others go on ringing. */
  readonly isIgnored: boolean;
}

export type CallMedia = CallInfo['media'];

/** The calls of this tab: what rings, the one that it is in, and those of the user that are none of its own. */
export class CallDesk {
  readonly live = new Store<LiveCall | null>(null);
  readonly ringing = new Store<Ringing | null>(null);
  /** The call that this tab was in last, until it is put away. */
  readonly over = new Store<CallInfo | null>(null);
  /** In which the user is, but this tab is not: on another device, or before a reload. */
  readonly apart = new Store<readonly Call[]>([]);
  /** Who is about to be called, or answered: camera and server are asked. */
  readonly pending = new Store<string | null>(null);
  readonly #phone: Switchboard;
  readonly #notices: Notices;

  constructor(phone: Switchboard, notices: Notices) {
    this.#phone = phone;
    this.#notices = notices;
    phone.on('incoming', (call) => this.#ring(call));
    phone.on('event', () => this.#lookApart());
    phone.on('signedOut', () => this.reset());
  }

  /** Leaves everything as it stands on the server. */
  reset(): void {
    this.live.value?.close();
    this.live.set(null);
    this.ringing.set(null);
    this.over.set(null);
    this.apart.set([]);
  }

  async call(user: { readonly id: string; readonly username: string }, media: CallMedia): Promise<void> {
    if (this.pending.value !== null || this.live.value !== null) return;
    await this.#during(user.id, async () => {
      const outgoing = await OutgoingMedia.acquire(media);
      try {
        const call = await this.#phone.call(user.id, { media, stream: outgoing.stream });
        if (call.status === 'ENDED') {
          outgoing.stop();
          this.over.set(call.info);
        } else {
          this.#begin(call, outgoing);
          outgoing.attach(call);
        }
      } catch (error) {
        outgoing.stop();
        this.#refused(error);
      }
    });
  }

  async accept(call: Call, media: CallMedia): Promise<void> {
    if (this.pending.value !== null) return;
    await this.#during(call.id, async () => {
      const outgoing = await OutgoingMedia.acquire(media);
      // Another device was faster, or the caller gave up, while the browser asked for the camera.
      if (this.ringing.value?.call !== call) return outgoing.stop();
      this.ringing.set(null);
      this.#begin(call, outgoing);
      outgoing.attach(call);
      try {
        await call.accept({ stream: outgoing.stream });
      } catch (error) {
        if (this.live.value?.call === call) this.#leave();
        this.#notices.say(explain(error), { tone: 'bad' });
      }
    });
  }

  async decline(call: Call): Promise<void> {
    this.ringing.set(null);
    await call.decline().catch((error: unknown) => this.#notices.say(explain(error), { tone: 'bad' }));
  }

  /** Stays with this device, and the call can still be taken up. */
  ignore(): void {
    this.ringing.update((ringing) => (ringing === null ? null : { ...ringing, isIgnored: true }));
  }

  async hangUp(call: Call): Promise<void> {
    const { value: live } = this.live;
    await (live?.call === call ? live : call).hangUp().catch((error: unknown) => this.#notices.say(explain(error), { tone: 'bad' }));
    this.#lookApart();
  }

  async #during(whom: string, task: () => Promise<void>): Promise<void> {
    this.over.set(null);
    this.pending.set(whom);
    await task().finally(() => this.pending.set(null));
    this.#lookApart();
  }

  #begin(call: Call, outgoing: OutgoingMedia): void {
    const live = new LiveCall(call, outgoing, (info) => {
      if (this.live.value !== live) return;
      this.#leave();
      if (info.status === 'ENDED') this.over.set(info);
    });
    this.live.set(live);
    this.#lookApart();
  }

  #leave(): void {
    this.live.value?.close();
    this.live.set(null);
  }

  #ring(call: Call): void {
    this.ringing.set({ call, isIgnored: false });
    const gone = (word: string | null) => (): void => {
      if (this.ringing.value?.call !== call) return;
      this.ringing.set(null);
      if (word !== null) this.#notices.say(word);
    };
    call.on('elsewhere', gone(`${call.other.displayName}'s call was answered on another of your devices.`));
    call.on('answered', gone(null));
    call.on('ended', (info) => {
      const isMine = info.endReason === 'DECLINED';
      gone(
        isMine
          ? `${call.other.displayName}'s call was declined on another of your devices.`
          : outcomeOf(info, this.#phone.user?.id ?? null),
      )();
    });
  }

  #lookApart(): void {
    const apart = this.#phone.calls.filter((call) => {
      if (call.id === this.live.value?.call.id || this.pending.value !== null) return false;
      return call.status === 'ACTIVE' || call.info.direction === 'OUTGOING';
    });
    this.apart.set(apart);
  }

  #refused(error: unknown): void {
    const callId = error instanceof SwitchboardError && error.code === 'ALREADY_IN_CALL' ? error.details.callId : undefined;
    const other = this.#phone.calls.find(({ id }) => id === callId);
    if (other === undefined) return this.#notices.say(explain(error), { tone: 'bad' });
    this.#notices.say(`You are in a call with ${other.other.displayName} already, on this or another device.`, {
      tone: 'bad',
      action: { label: 'End that call', run: () => void this.hangUp(other) },
    });
  }
}
