import type { Acknowledged } from '../crowd/commands.js';
import { gatherPairs } from '../support/crowd.js';
import { CrowdProcess } from '../support/crowd-process.js';
import type { Addresses } from '../support/talker.js';
import { until } from '../support/until.js';

const pairs = 50;
const inFlightEach = 10;
const bytes = 200;
const spellSeconds = 5;

/** Fifty pairs of whom one half writes so many signals a second in all, and the other comes back every few seconds, for minutes. */
export class SteadyLoad {
  readonly #perSecond: number;
  readonly #writers = CrowdProcess.startForTest();
  readonly #readers = CrowdProcess.startForTest();
  readonly #acknowledged: Acknowledged[] = [];
  #sentEach = 0;
  /** Times that a reader came back. */
  resumes = 0;

  static async begin(node: Addresses, perSecond: number): Promise<SteadyLoad> {
    const load = new SteadyLoad(perSecond);
    const people = await gatherPairs(node, pairs);
    await load.#writers.do(
      'arrive',
      people.map(({ caller }) => caller),
      [node.webSocketUrl],
    );
    await load.#readers.do(
      'arrive',
      people.map(({ callee }) => callee),
      [node.webSocketUrl],
    );
    return load;
  }

  private constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  get acknowledged(): readonly Acknowledged[] {
    return this.#acknowledged;
  }

  /** For so many seconds over those nodes. Readers that are `away` come back once, at the end of it. */
  async goOn(nodes: readonly Addresses[], seconds: number, readers: 'coming and going' | 'away'): Promise<void> {
    const urls = nodes.map(({ webSocketUrl }) => webSocketUrl);
    await this.#writers.do('cut');
    await this.#writers.do('comeBack', urls);
    if (readers === 'away') await this.#readers.do('cut');
    for (let passed = 0; passed < seconds; passed += spellSeconds) {
      const perSecond = this.#perSecond / pairs;
      const count = perSecond * spellSeconds;
      const sending = this.#writers.do('send', { first: this.#sentEach + 1, count, bytes, inFlight: inFlightEach, perSecond });
      if (readers === 'coming and going') await this.#resume(urls);
      for (const signal of await sending) this.#acknowledged.push(signal);
      this.#sentEach += count;
    }
    if (readers === 'away') await this.#resume(urls);
  }

  /** Resolves with how many readers missed one, or had one twice or out of order, and how many were not recovered, when all has arrived. */
  async faultyReaders(): Promise<{ readonly missed: number; readonly unrecovered: number }> {
    const tallies = () => this.#readers.do('tallies');
    const isDone = async () => (await tallies()).every(({ handled }) => handled >= this.#sentEach);
    await until('readers to have everything', isDone, { withinMs: 20_000, everyMs: 250 });
    const all = await tallies();
    return { missed: all.filter(({ faults }) => faults > 0).length, unrecovered: all.filter(({ unrecovered }) => unrecovered > 0).length };
  }

  async #resume(urls: readonly string[]): Promise<void> {
    await this.#readers.do('cut');
    await this.#readers.do('comeBack', urls);
    this.resumes += pairs;
  }
}
