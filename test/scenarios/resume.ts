import type { ApiError } from '../support/api.js';
import { type Device, signUp, twoInACall } from '../support/device.js';
import type { Fleet } from '../support/fleet.js';
import { forgetEvents, forgetEventsUpTo } from '../support/meddle.js';
import type { Addresses } from '../support/talker.js';
import { until } from '../support/until.js';

/** What a device that came back was told, and which signals it then had, the one sent behind its return included. */
export interface Return {
  readonly recovered: boolean;
  readonly got: readonly string[];
}

type Case = (scene: Scene) => Promise<Return>;

/** Signals of one case, enough for several pages of a replay. */
export const manySignals: readonly string[] = Array.from({ length: 600 }, (_, n) => `past ${n} ${'x'.repeat(1_000)}`);
export const meanwhile: readonly string[] = Array.from({ length: 300 }, (_, n) => `meanwhile ${n}`);

/** What stays the same: who leaves does so at the first node of a fleet, who comes back does so at the last. */
class Scene {
  readonly fleet: Fleet;
  readonly stranger: Addresses;

  constructor(fleet: Fleet, stranger: Addresses) {
    this.fleet = fleet;
    this.stranger = stranger;
  }

  /** Ben has handled the signals 1 and 2 of a live call, and is away. */
  async benIsAway() {
    const parties = await twoInACall(this.fleet.nodes[0]!);
    await this.send(parties, ['1', '2']);
    await parties.ben.received('2');
    parties.ben.cut();
    return parties;
  }

  async send({ ana, callId }: { ana: Device; callId: string }, payloads: readonly string[]): Promise<void> {
    for (const payload of payloads) await ana.stream(callId, 'CUSTOM', payload);
  }

  /** Ben has handled 3 and 4, which the database knows nothing of any more: it is the one of before. */
  async restoredBehind() {
    const { postgres, nodes } = this.fleet;
    const parties = await this.benIsAway();
    const { ana, ben } = parties;
    await postgres.backUp();
    await this.#serves(ana);
    await this.send(parties, ['3', '4']);
    const later = ben.at(nodes[0]!);
    await later.connect(ben.lastCursor);
    await later.received('4');
    later.cut();
    await postgres.restore();
    await this.#serves(ana);
    return { parties, cursor: later.lastCursor };
  }

  /** Resolves when every node has found its database again. */
  async #serves(device: Device): Promise<void> {
    for (const node of this.fleet.nodes) {
      const isServed = () =>
        device
          .at(node)
          .ask('{ me { id } }')
          .then(
            () => true,
            () => false,
          );
      await until('the database to be found again', isServed, { withinMs: 10_000, everyMs: 50 });
    }
  }

  /** Somebody comes back with that cursor, and Ana goes on. */
  async comesBack(parties: { ana: Device; callId: string }, device: Device, after: string | null): Promise<Return> {
    const back = device.at(this.fleet.nodes.at(-1)!);
    const { recovered } = await back.connect(after);
    await this.send(parties, ['next']);
    await back.received('next');
    await back.leave();
    return { recovered, got: back.signals.map(({ payload }) => payload) };
  }

  /** The same, but what is sent next is not for that device: it has it when the call has ended. */
  async seesTheEnd({ ana, callId }: { ana: Device; callId: string }, device: Device, after: string | null): Promise<Return> {
    const back = device.at(this.fleet.nodes.at(-1)!);
    const { recovered } = await back.connect(after);
    await ana.end(callId);
    await back.heard('ENDED', callId);
    await back.leave();
    return { recovered, got: back.events.map((event) => (event.__typename === 'CallChanged' ? event.change : event.__typename)) };
  }
}

const cases: Readonly<Record<string, Case>> = {
  'nothing was missed': async (scene) => {
    const parties = await scene.benIsAway();
    return scene.comesBack(parties, parties.ben, parties.ben.lastCursor);
  },
  'something was missed': async (scene) => {
    const parties = await scene.benIsAway();
    await scene.send(parties, ['3', '4']);
    return scene.comesBack(parties, parties.ben, parties.ben.lastCursor);
  },
  'too old: the beginning of what was missed is gone': async (scene) => {
    const parties = await scene.benIsAway();
    await scene.send(parties, ['3', '4']);
    await forgetEventsUpTo(scene.fleet.nodes[0]!, parties.ben.userId, following(parties.ben.lastCursor!, 1));
    return scene.comesBack(parties, parties.ben, parties.ben.lastCursor);
  },
  'too old: nothing is kept any more': async (scene) => {
    const parties = await scene.benIsAway();
    await scene.send(parties, ['3', '4']);
    await forgetEvents(scene.fleet.nodes[0]!);
    return scene.comesBack(parties, parties.ben, parties.ben.lastCursor);
  },
  'nothing was missed, and nothing is kept any more': async (scene) => {
    const parties = await scene.benIsAway();
    await forgetEvents(scene.fleet.nodes[0]!);
    return scene.comesBack(parties, parties.ben, parties.ben.lastCursor);
  },
  'of another database': async (scene) => {
    const elsewhere = await twoInACall(scene.stranger);
    await Promise.all([elsewhere.ana.leave(), elsewhere.ben.leave()]);
    const parties = await scene.benIsAway();
    return scene.comesBack(parties, parties.ben, elsewhere.ben.lastCursor);
  },
  'of another user': async (scene) => {
    const parties = await scene.benIsAway();
    return scene.comesBack(parties, parties.ben, parties.ana.lastCursor);
  },
  'from the future': async (scene) => {
    const parties = await scene.benIsAway();
    return scene.comesBack(parties, parties.ben, following(parties.ben.lastCursor!, 5));
  },
  'none given, in a call': async (scene) => {
    const parties = await scene.benIsAway();
    return scene.comesBack(parties, parties.ben, null);
  },
  'none given, behind a call': async (scene) => {
    const { ana, ben, callId } = await scene.benIsAway();
    await ana.end(callId);
    const back = ben.at(scene.fleet.nodes.at(-1)!);
    const { recovered } = await back.connect();
    const { id } = await ana.ring(ben);
    await back.heard('CREATED', id);
    return { recovered, got: back.signals.map(({ payload }) => payload) };
  },
  'events arrive during the replay': async (scene) => {
    const parties = await scene.benIsAway();
    await Promise.all(manySignals.map((payload) => parties.ana.stream(parties.callId, 'CUSTOM', payload)));
    const [, back] = await Promise.all([
      scene.send(parties, meanwhile),
      (async () => {
        const device = parties.ben.at(scene.fleet.nodes.at(-1)!);
        const { recovered } = await device.connect(parties.ben.lastCursor);
        await until('the last of them', () => device.signals.at(-1)?.payload === meanwhile.at(-1), { withinMs: 20_000 });
        return { recovered, got: device.signals.map(({ payload }) => payload) };
      })(),
    ]);
    return back;
  },
  'the position jumps over events of another device': async (scene) => {
    const parties = await scene.benIsAway();
    const tablet = await parties.ben.another('tablet');
    await tablet.connect();
    await tablet.heard('ANSWERED_ELSEWHERE', parties.callId);
    tablet.cut();
    await scene.send(parties, ['3', '4']);
    return scene.seesTheEnd(parties, tablet, tablet.lastCursor);
  },
  malformed: async (scene) => {
    const ben = await signUp(scene.fleet.nodes.at(-1)!);
    const refusal = await ben.connect('yesterday').catch((error: unknown) => error as ApiError);
    return { recovered: false, got: 'code' in refusal ? [`${String(refusal.code)} ${String(refusal.extensions?.['field'])}`] : [] };
  },
  'the database was restored, and ends before the cursor': async (scene) => {
    const { parties, cursor } = await scene.restoredBehind();
    return scene.comesBack(parties, parties.ben, cursor);
  },
  'the database was restored, and has grown past the cursor since': async (scene) => {
    const { parties, cursor } = await scene.restoredBehind();
    await scene.send(parties, ['5', '6', '7']);
    return scene.comesBack(parties, parties.ben, cursor);
  },
};

/** Every case by its name, one after the other. `stranger` is a server with another database. */
export async function resumeInEveryCase(fleet: Fleet, stranger: Addresses): Promise<Readonly<Record<string, Return>>> {
  const scene = new Scene(fleet, stranger);
  const returns: Record<string, Return> = {};
  for (const [name, play] of Object.entries(cases)) returns[name] = await play(scene);
  return returns;
}

/** The cursor of the position so many events behind that one, at the same instant. */
function following(cursor: string, events: number): string {
  return (Number.parseInt(cursor.slice(0, 16), 16) + events).toString(16).padStart(16, '0') + cursor.slice(16);
}
