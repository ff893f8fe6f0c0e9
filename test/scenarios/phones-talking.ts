import type { Call, Switchboard } from '../../src/client/index.js';
import { phoneOf, ringOf } from '../support/phone.js';
import type { Addresses } from '../support/talker.js';
import { until } from '../support/until.js';

const everyMs = 250;

/** Two with the SDK in a call; one counts aloud, and waits for no answer. */
export class PhonesTalking {
  readonly sent: string[] = [];
  readonly heard: string[] = [];
  /** What became of their connections since they talk. */
  readonly states: string[] = [];
  readonly #phones: readonly Switchboard[];
  readonly #call: Call;
  #talking: NodeJS.Timeout | undefined;

  static async begin(entrance: Addresses): Promise<PhonesTalking> {
    const [caller, callee] = await Promise.all([phoneOf(entrance), phoneOf(entrance)]);
    const rings = ringOf(callee);
    const call = await caller.call(callee.user?.id ?? '');
    const theirs = await rings;
    await theirs.accept();
    await until('the answer', () => call.status === 'ACTIVE');
    const phones = new PhonesTalking([caller, callee], call);
    theirs.on('signal', ({ payload }) => phones.heard.push(payload));
    return phones;
  }

  private constructor(phones: readonly Switchboard[], call: Call) {
    this.#phones = phones;
    this.#call = call;
    for (const phone of phones) phone.on('connection', (state) => this.states.push(state));
  }

  talkOn(): void {
    this.#talking = setInterval(() => {
      const payload = `${this.sent.push(`${this.sent.length}`) - 1}`;
      // What is not sent is not heard, and that shows.
      this.#call.send(payload).catch(() => undefined);
    }, everyMs);
  }

  /** All but what was said just now has arrived. */
  isUpToDate(): boolean {
    return this.heard.length > 0 && this.heard.length >= this.sent.length - 2;
  }

  /** Says no more, and waits for what is on its way. */
  async heardAll(): Promise<readonly string[]> {
    clearInterval(this.#talking);
    await until('all that was said', () => this.heard.length >= this.sent.length);
    return this.heard;
  }

  async end(): Promise<void> {
    clearInterval(this.#talking);
    await Promise.all(this.#phones.map((phone) => phone.close()));
  }
}
