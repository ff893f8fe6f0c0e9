import type { InboxEventPartsFragment, SignalKind } from '../../src/client/gql/graphql.js';
import { gather } from '../support/crowd.js';
import { runSql } from '../support/database.js';
import type { Dice } from '../support/dice.js';
import type { Entry } from '../support/ledger.js';
import { Pace } from '../support/pace.js';
import { SdkDevice } from '../support/sdk-device.js';
import { SteadyDevice } from '../support/steady-device.js';
import type { Addresses, Talker } from '../support/talker.js';

/** Where the story is played: one node or several, on one database. */
export interface Deployment {
  /** The node that somebody who connects now is sent to. */
  readonly node: () => Addresses;
  /** Asked when the story is over: an embedded database has another port after a restart. */
  readonly databaseUrl: () => string | Promise<string>;
}

export interface LedgerPlan {
  readonly calls: number;
  readonly pairs: number;
  /** Of each of the two in each call, the OFFER or the ANSWER included. */
  readonly signalsEach?: number;
  /** In all, spread over the calls, at a random moment of each. */
  readonly cuts: number;
  readonly dice: Dice;
  /** `bare`: graphql-ws alone. `mixed`: of each pair one is the SDK, so that neither is judged by its like. */
  readonly clients?: 'bare' | 'mixed';
  /** Of all together; as fast as they can where it is left out. */
  readonly signalsPerSecond?: number;
  /** For how long somebody waits for a signal before it counts as lost; where it is given, a call that breaks off is no failure. */
  readonly patienceMs?: number;
  /** Told of each acknowledged signal: the place for a disaster. */
  readonly onAcknowledged?: (count: number) => void;
}

export interface LedgerRun {
  readonly entries: readonly Entry[];
  /** Payloads of all signals in the database. */
  readonly stored: ReadonlySet<string>;
  /** The devices of each call. */
  readonly parties: ReadonlyMap<string, readonly string[]>;
  /** That there should be. */
  readonly signals: number;
  readonly cuts: number;
  readonly connections: number;
  readonly unrecovered: number;
}

const strangers = 5;

/**
 * Pairs of people call each other again and again: offer, answer and candidates both ways, each with a key. At random
 * moments one of the two loses the connection. Strangers listen all the time.
 */
export async function keepLedger(
  deployment: Deployment,
  { calls, pairs, signalsEach = 10, cuts: plannedCuts, dice, clients = 'bare', signalsPerSecond, patienceMs, onAcknowledged }: LedgerPlan,
): Promise<LedgerRun> {
  const entries: Entry[] = [];
  const parties = new Map<string, string[]>();
  let cuts = 0;
  let acknowledged = 0;
  const pace = signalsPerSecond === undefined ? null : new Pace(signalsPerSecond);

  const sessions = await gather(deployment.node(), pairs * 2 + strangers);
  const devices = sessions.map((session, position): Talker => {
    const isSdk = clients === 'mixed' && position < pairs * 2 && position % 2 === 1;
    const Device = isSdk ? SdkDevice : SteadyDevice;
    return new Device(session, deployment.node, (event) => note(entries, session.device.id, event), patienceMs);
  });
  try {
    for (const device of devices) await device.arrive();
    let begun = 0;
    await Promise.all(
      Array.from({ length: pairs }, async (_, pair) => {
        const [one, other] = devices.slice(pair * 2, pair * 2 + 2) as [Talker, Talker];
        while (begun < calls) {
          const cutsNow = Math.floor(((begun + 1) * plannedCuts) / calls) - Math.floor((begun * plannedCuts) / calls);
          begun += 1;
          const talked = dice.below(2) === 0 ? talk(one, other, cutsNow) : talk(other, one, cutsNow);
          // Who was told wrongly may not know the call that it is in: judged all the same.
          await (patienceMs === undefined ? talked : talked.catch(() => undefined));
        }
      }),
    );
  } finally {
    await Promise.all(devices.map((device) => device.leave()));
  }

  const rows = await runSql<{ body: string }>(await deployment.databaseUrl(), 'SELECT body FROM inbox WHERE body IS NOT NULL');
  return {
    entries,
    stored: new Set(rows.map(({ body }) => body)),
    parties,
    signals: parties.size * 2 * signalsEach,
    cuts,
    connections: devices.reduce((sum, device) => sum + device.connections, 0),
    unrecovered: devices.reduce((sum, device) => sum + device.unrecovered, 0),
  };

  async function talk(caller: Talker, callee: Talker, cutsNow: number): Promise<void> {
    const callId = await caller.call(callee.userId);
    parties.set(callId, [caller.id, callee.id]);

    // Each signal is sent, acknowledged and received; the last moments leave room for a cut to be put off.
    const momentsToCut = signalsEach * 6 - 10;
    const cutAt = new Set<number>();
    while (cutAt.size < cutsNow) cutAt.add(dice.below(momentsToCut));
    let moments = 0;
    let due = 0;
    const moment = (): void => {
      if (cutAt.has(moments++)) due += 1;
      // One that is away already cannot be cut off; the next moment will do.
      if (due === 0 || !dice.oneOf([caller, callee]).cut()) return;
      due -= 1;
      cuts += 1;
    };
    const text = (from: Talker, kind: SignalKind, n: number): string => `${kind} ${n} of ${from.id} in ${callId}`;
    const say = async (from: Talker, to: Talker, kind: SignalKind, n: number): Promise<void> => {
      const payload = text(from, kind, n);
      if (pace !== null) await pace.next();
      const answer = kind === 'ANSWER' ? from.answer(callId, payload) : from.say(callId, kind, payload);
      moment();
      await answer;
      entries.push({ what: 'acknowledged', callId, from: from.id, to: to.id, payload });
      acknowledged += 1;
      onAcknowledged?.(acknowledged);
      moment();
    };
    const trickle = async (from: Talker, to: Talker): Promise<void> => {
      for (let n = 1; n < signalsEach; n += from.atOnce) {
        const numbers = Array.from({ length: Math.min(from.atOnce, signalsEach - n) }, (_, more) => n + more);
        await Promise.all(numbers.map((number) => say(from, to, 'ICE_CANDIDATE', number)));
      }
    };
    const hear = async (by: Talker, from: Talker, kind: SignalKind, n: number): Promise<void> => {
      await by.hears(`${callId} ${text(from, kind, n)}`);
      moment();
    };
    const listen = async (by: Talker, from: Talker): Promise<void> => {
      for (let n = 1; n < signalsEach; n += 1) await hear(by, from, 'ICE_CANDIDATE', n);
    };

    const calling = async (): Promise<void> => {
      await say(caller, callee, 'OFFER', 0);
      await trickle(caller, callee);
    };
    const answering = async (): Promise<void> => {
      await callee.hears(`${callId} CREATED`);
      await hear(callee, caller, 'OFFER', 0);
      await say(callee, caller, 'ANSWER', 0);
      await trickle(callee, caller);
    };
    const answered = async (): Promise<void> => {
      await hear(caller, callee, 'ANSWER', 0);
      await listen(caller, callee);
    };
    await Promise.all([calling(), answering(), answered(), listen(callee, caller)]);
    await dice.oneOf([caller, callee]).end(callId);
    await Promise.all([caller, callee].map((device) => device.hears(`${callId} ENDED`)));
  }
}

function note(entries: Entry[], by: string, event: InboxEventPartsFragment): void {
  if (event.__typename === 'CallChanged') {
    entries.push({ what: 'changed', by, callId: event.call.id, change: event.change, cursor: event.cursor });
  } else if (event.__typename === 'SignalReceived') {
    const { callId, payload, fromDeviceId, cursor } = event;
    entries.push({ what: 'received', by, callId, from: fromDeviceId, payload, cursor });
  }
}
