import type { InboxEventPartsFragment, SignalKind } from '../../src/client/gql/graphql.js';
import { createCallOperation, endCallOperation, sendSignalOperation } from '../../src/client/operations.js';
import { gather } from '../support/crowd.js';
import { runSql } from '../support/database.js';
import type { Dice } from '../support/dice.js';
import type { Entry } from '../support/ledger.js';
import { SteadyDevice, type Addresses } from '../support/steady-device.js';

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
  readonly cutsPerCall: number;
  readonly dice: Dice;
  /** Told of each acknowledged signal: the place for a disaster. */
  readonly onAcknowledged?: (count: number) => void;
}

export interface LedgerRun {
  readonly entries: readonly Entry[];
  readonly stored: ReadonlySet<string>;
  /** The devices of each call. */
  readonly parties: ReadonlyMap<string, readonly string[]>;
  readonly cuts: number;
  readonly connections: number;
  readonly unrecovered: number;
}

const candidatesPerSide = 9;
/** Of the sixty of a call (twenty signals sent, acknowledged and received) those that leave room for a cut to be put off. */
const momentsToCut = 50;
const strangers = 5;

/**
 * Pairs of people call each other again and again: offer, answer and candidates both ways, each with a key. At random
 * moments of each call one of the two loses the connection. Strangers listen all the time.
 */
export async function keepLedger(
  deployment: Deployment,
  { calls, pairs, cutsPerCall, dice, onAcknowledged }: LedgerPlan,
): Promise<LedgerRun> {
  const entries: Entry[] = [];
  const parties = new Map<string, string[]>();
  let cuts = 0;
  let acknowledged = 0;

  const sessions = await gather(deployment.node(), pairs * 2 + strangers);
  const devices = sessions.map((session) => {
    const device: SteadyDevice = new SteadyDevice(session, deployment.node, (event) => note(entries, device, event));
    return device;
  });
  for (const device of devices) await device.arrive();
  try {
    let left = calls;
    await Promise.all(
      Array.from({ length: pairs }, async (_, pair) => {
        const [one, other] = devices.slice(pair * 2, pair * 2 + 2) as [SteadyDevice, SteadyDevice];
        while (left > 0) {
          left -= 1;
          await (dice.below(2) === 0 ? talk(one, other) : talk(other, one));
        }
      }),
    );
  } finally {
    await Promise.all(devices.map((device) => device.leave()));
  }

  const rows = await runSql<{ id: string }>(await deployment.databaseUrl(), 'SELECT id FROM inbox');
  return {
    entries,
    stored: new Set(rows.map(({ id }) => id)),
    parties,
    cuts,
    connections: devices.reduce((sum, device) => sum + device.connections, 0),
    unrecovered: devices.reduce((sum, device) => sum + device.unrecovered, 0),
  };

  async function talk(caller: SteadyDevice, callee: SteadyDevice): Promise<void> {
    const key = `call ${parties.size} ${dice.below(2 ** 32)}`;
    const { createCall } = await caller.ask(createCallOperation, { input: { calleeId: callee.userId, ringSeconds: 180, key } });
    const callId = createCall.id;
    parties.set(callId, [caller.id, callee.id]);

    const cutAt = new Set(dice.shuffled(Array.from({ length: momentsToCut }, (_, n) => n)).slice(0, cutsPerCall));
    let moments = 0;
    let due = 0;
    const moment = (): void => {
      if (cutAt.has(moments++)) due += 1;
      // One that is away already cannot be cut off; the next moment will do.
      if (due === 0 || !dice.oneOf([caller, callee]).cut()) return;
      due -= 1;
      cuts += 1;
    };
    const say = async (from: SteadyDevice, to: SteadyDevice, kind: SignalKind, name: string): Promise<void> => {
      const payload = `${kind} ${name} of ${from.id} in ${callId}`;
      const answer = from.ask(sendSignalOperation, { input: { callId, kind, payload, key: `${kind} ${name}` } });
      moment();
      const { sendSignal } = await answer;
      entries.push({ what: 'acknowledged', signalId: sendSignal.id, callId, from: from.id, to: to.id, payload });
      acknowledged += 1;
      onAcknowledged?.(acknowledged);
      moment();
    };
    const hear = async (by: SteadyDevice, from: SteadyDevice, kind: SignalKind, name: string): Promise<void> => {
      await by.hears(`${callId} ${kind} ${name} of ${from.id} in ${callId}`);
      moment();
    };
    // One at a time: a signal that is sent again must not pass those behind it.
    const trickle = async (from: SteadyDevice, to: SteadyDevice): Promise<void> => {
      for (let n = 0; n < candidatesPerSide; n += 1) await say(from, to, 'ICE_CANDIDATE', `${n}`);
    };
    const listen = async (by: SteadyDevice, from: SteadyDevice): Promise<void> => {
      for (let n = 0; n < candidatesPerSide; n += 1) await hear(by, from, 'ICE_CANDIDATE', `${n}`);
    };

    const calling = async (): Promise<void> => {
      await say(caller, callee, 'OFFER', 'first');
      await trickle(caller, callee);
    };
    const answering = async (): Promise<void> => {
      await callee.hears(`${callId} CREATED`);
      await hear(callee, caller, 'OFFER', 'first');
      await say(callee, caller, 'ANSWER', 'first');
      await trickle(callee, caller);
    };
    const answered = async (): Promise<void> => {
      await hear(caller, callee, 'ANSWER', 'first');
      await listen(caller, callee);
    };
    await Promise.all([calling(), answering(), answered(), listen(callee, caller)]);
    await dice.oneOf([caller, callee]).ask(endCallOperation, { id: callId });
    await Promise.all([caller, callee].map((device) => device.hears(`${callId} ENDED`)));
  }
}

function note(entries: Entry[], { id }: SteadyDevice, event: InboxEventPartsFragment): void {
  if (event.__typename === 'CallChanged') {
    entries.push({ what: 'changed', by: id, callId: event.call.id, change: event.change, cursor: event.cursor });
  } else if (event.__typename === 'SignalReceived') {
    const { callId, payload, fromDeviceId, cursor } = event;
    entries.push({ what: 'received', by: id, callId, from: fromDeviceId, payload, cursor });
  }
}
