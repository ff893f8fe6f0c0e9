import { gatherPairs, type Pair } from '../support/crowd.js';
import { CrowdProcess } from '../support/crowd-process.js';
import type { Addresses } from '../support/talker.js';
import { until } from '../support/until.js';

const inFlightEach = 8;
/** A third of what two cores can do: who stands by has to notice readers that stop, not that the machine is full. */
const perSecondEach = 20;

/** Pairs of whom one half sends without pause and the other reads, or has stopped to: each half is a process. */
export class CrowdFlood {
  readonly #node: Addresses;
  readonly #senders = CrowdProcess.startForTest();
  readonly #readers = CrowdProcess.startForTest();
  #sent = 0;

  static async begin(node: Addresses, pairs: number): Promise<CrowdFlood> {
    const flood = new CrowdFlood(node);
    await flood.#arrive(await gatherPairs(node, pairs));
    return flood;
  }

  private constructor(node: Addresses) {
    this.#node = node;
  }

  /** That many more from each sender, of so many bytes; resolves when all are acknowledged. */
  async send(count: number, bytes: number): Promise<void> {
    await this.#senders.do('send', { first: this.#sent + 1, count, bytes, inFlight: inFlightEach, perSecond: perSecondEach });
    this.#sent += count;
  }

  /** Readers come back behind what they have handled, and read no more. */
  async stall(): Promise<void> {
    await this.comeBack();
    await this.#readers.do('stall');
  }

  /** Gives up the sockets it has had, as phones that come out of a tunnel, and goes on from the cursors. */
  async comeBack(): Promise<void> {
    await this.#readers.do('cut');
    await this.#readers.do('comeBack', [this.#node.webSocketUrl]);
  }

  /** Resolves with how many readers missed one, or had one twice or out of order, when the last of all has come. */
  async handledAll(withinMs: number): Promise<number> {
    const isDone = async () => (await this.#readers.do('tallies')).every(({ handled }) => handled >= this.#sent);
    await until(`all ${this.#sent} signals`, isDone, { withinMs, everyMs: 250 });
    return (await this.#readers.do('tallies')).filter(({ faults, unrecovered }) => faults > 0 || unrecovered > 0).length;
  }

  async end(): Promise<void> {
    await Promise.all([this.#senders.do('leave'), this.#readers.do('leave')]);
  }

  async #arrive(pairs: readonly Pair[]): Promise<void> {
    const urls = [this.#node.webSocketUrl];
    await this.#senders.do(
      'arrive',
      pairs.map(({ caller }) => caller),
      urls,
    );
    await this.#readers.do(
      'arrive',
      pairs.map(({ callee }) => callee),
      urls,
    );
  }
}
