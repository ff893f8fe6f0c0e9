import type { Acknowledged } from '../crowd/commands.js';
import { gatherPairs } from '../support/crowd.js';
import { CrowdProcess } from '../support/crowd-process.js';
import { percentile } from '../support/figures.js';
import type { Addresses } from '../support/talker.js';
import { until } from '../support/until.js';

const pairs = 25;
const perSecondEach = 10;
const inFlightEach = 4;
const bytes = 200;

/** How signals fared that were sent in some span of time: how long each took to be durable and acknowledged. */
export interface Fare {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  readonly signals: number;
}

/** Twenty-five pairs who talk evenly, 500 signals a second in all, in a process of their own: they do nothing wrong, and are to notice nothing. */
export class HealthyTalk {
  readonly #crowd = CrowdProcess.startForTest();
  readonly #acknowledged: Acknowledged[] = [];
  #talking: Promise<void> = Promise.resolve();
  #sentEach = 0;
  #isOver = false;

  /** Resolves when they talk over that node. They sign up at another one of the same database where one is given. */
  static async begin(node: Addresses, signUpAt: Addresses = node): Promise<HealthyTalk> {
    const talk = new HealthyTalk();
    const people = (await gatherPairs(signUpAt, pairs)).flatMap(({ caller, callee }) => [caller, callee]);
    await talk.#crowd.do('arrive', people, [node.webSocketUrl]);
    talk.#talking = talk.#talk();
    // Whoever waits for the end hears of a failure.
    talk.#talking.catch(() => undefined);
    await until('the first signals', () => talk.#sentEach > 0);
    return talk;
  }

  /** How they fare for so long, or until that is done. */
  async during(span: number | Promise<unknown>): Promise<Fare> {
    const fromMs = now();
    await (typeof span === 'number' ? new Promise((resolve) => setTimeout(resolve, span)) : span);
    const toMs = now();
    const spell = this.#sentEach + perSecondEach;
    await Promise.race([this.#talking, until('what is under way', () => this.#sentEach >= spell, { withinMs: 20_000 })]);
    const tookMs = this.#acknowledged.filter(({ sentAt }) => sentAt >= fromMs && sentAt <= toMs).map((signal) => signal.tookMs);
    return { p50Ms: percentile(tookMs, 0.5), p99Ms: percentile(tookMs, 0.99), mostMs: percentile(tookMs, 1), signals: tookMs.length };
  }

  /** Resolves with how many of them missed a signal, or had one twice or out of order. */
  async end(): Promise<number> {
    this.#isOver = true;
    await this.#talking;
    const tallies = () => this.#crowd.do('tallies');
    await until('all to be heard', async () => (await tallies()).every(({ handled }) => handled >= this.#sentEach));
    const faulty = (await tallies()).filter(({ faults }) => faults > 0).length;
    await this.#crowd.do('leave');
    return faulty;
  }

  async #talk(): Promise<void> {
    while (!this.#isOver) {
      const outpour = { first: this.#sentEach + 1, count: perSecondEach, bytes, inFlight: inFlightEach, perSecond: perSecondEach };
      for (const signal of await this.#crowd.do('send', outpour)) this.#acknowledged.push(signal);
      this.#sentEach += perSecondEach;
    }
  }
}

/** One line for people. */
export function told({ p50Ms, p99Ms, mostMs, signals }: Fare): string {
  return `p99 ${p99Ms.toFixed(1)} ms, median ${p50Ms.toFixed(1)} ms, at most ${mostMs.toFixed(0)} ms, of ${signals.toLocaleString('en')} signals`;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
