import type { Return, Tally } from '../crowd/commands.js';
import { gatherPairs } from '../support/crowd.js';
import { CrowdProcess } from '../support/crowd-process.js';
import type { Addresses } from '../support/talker.js';
import { until } from '../support/until.js';

export interface Storm {
  readonly back: Return;
  readonly tallies: readonly Tally[];
  /** Signals that each member has been sent by then, in all storms. */
  readonly sent: number;
}

/** A crowd on some nodes whose sockets are cut all at once, again and again. */
export class StormyCrowd {
  readonly #crowd = CrowdProcess.startForTest();
  #sent = 0;

  static async gather(node: Addresses, pairs: number): Promise<StormyCrowd> {
    const stormy = new StormyCrowd();
    const people = await gatherPairs(node, pairs);
    await stormy.#crowd.do(
      'arrive',
      people.flatMap(({ caller, callee }) => [caller, callee]),
      [node.webSocketUrl],
    );
    return stormy;
  }

  /**
   * Each member is sent two signals while nobody has a socket, and one while all come back, to whichever node. `network`
   * is told when it goes on and when all are back.
   */
  async cutAllAtOnce(
    nodes: readonly Addresses[],
    network: { readonly isBack: () => void; readonly allAreBack: () => void },
  ): Promise<Storm> {
    const urls = nodes.map(({ url }) => url);
    await this.#crowd.do('cut');
    await this.#crowd.do('post', urls, this.#sent + 1);
    await this.#crowd.do('post', urls, this.#sent + 2);
    network.isBack();
    const returning = this.#crowd.do(
      'comeBack',
      nodes.map(({ webSocketUrl }) => webSocketUrl),
    );
    const [back] = await Promise.all([returning, this.#crowd.do('post', urls, this.#sent + 3)]);
    network.allAreBack();
    this.#sent += 3;
    const isDone = async () => (await this.#crowd.do('tallies')).every(({ handled }) => handled >= this.#sent);
    await until('everybody to have handled everything', isDone, { withinMs: 30_000, everyMs: 250 });
    return { back, tallies: await this.#crowd.do('tallies'), sent: this.#sent };
  }
}
