import type { InboxEventPartsFragment, SessionPartsFragment } from '../../src/client/gql/graphql.js';
import { createCallOperation } from '../../src/client/operations.js';
import { run } from '../support/api.js';
import { gather } from '../support/crowd.js';
import type { Fleet } from '../support/fleet.js';
import { SdkDevice } from '../support/sdk-device.js';
import { SteadyDevice } from '../support/steady-device.js';
import type { Talker } from '../support/talker.js';

export interface KilledNode {
  /** Milliseconds from the kill to Ready, of each device whose connection broke. */
  readonly backAfterMs: { readonly sdk: readonly number[]; readonly bare: readonly number[] };
  /** Milliseconds from the end of the ringing to ENDED, of calls that the dead node had made. */
  readonly rangOverMs: readonly number[];
  /** Events that somebody waited for in vain. */
  readonly missed: readonly string[];
  /** How often each device read ENDED of each call that it is in. */
  readonly endsRead: readonly number[];
  readonly unrecovered: number;
}

interface Pair {
  readonly caller: Talker;
  readonly callee: Talker;
  /** Of the caller. */
  readonly token: string;
}

const signalsEach = 10;
const ringSeconds = 5;
const kinds = 4;

/**
 * Four kinds of pairs, that many of each, one of two the SDK: those who talk, and go on; those whose call rings, and is
 * answered later; those who hang up, both, at the moment of the kill; those whose call was made by the node that dies, and
 * rings out.
 */
export async function killNode({ nodes, entrance }: Fleet, pairsOfEach: number): Promise<KilledNode> {
  const [doomed] = nodes;
  const sessions = await gather(entrance, pairsOfEach * kinds * 2);
  const watch = new Watch();
  const devices = sessions.map((session, position): Talker => {
    const Device = position % 2 === 0 ? SdkDevice : SteadyDevice;
    return new Device(session, () => entrance, watch.of(session));
  });
  const pairs = Array.from({ length: pairsOfEach * kinds }, (_, n): Pair => {
    const [one, other] = [n * 2, n * 2 + 1];
    const [caller, callee] = n % (kinds * 2) < kinds ? [one, other] : [other, one];
    return { caller: devices[caller]!, callee: devices[callee]!, token: sessions[caller]!.accessToken };
  });
  const ofKind = (kind: number): Pair[] => pairs.filter((_, n) => n % kinds === kind);

  const missed: string[] = [];
  const hears = async (by: Talker, name: string): Promise<void> => {
    if (!(await by.hears(name))) missed.push(name);
  };
  const ring = async ({ caller, callee }: Pair): Promise<string> => {
    const callId = await caller.call(callee.userId);
    await hears(callee, `${callId} CREATED`);
    return callId;
  };
  const answer = async ({ caller, callee }: Pair, callId: string): Promise<void> => {
    await callee.answer(callId, `answer of ${callId}`);
    await hears(caller, `${callId} answer of ${callId}`);
  };
  const talk = async ({ caller, callee }: Pair, callId: string): Promise<void> => {
    for (const [from, to] of [[caller, callee] as const, [callee, caller] as const]) {
      for (let n = 0; n < signalsEach; n += 1) await from.say(callId, 'CUSTOM', `${n} of ${from.id}`);
      for (let n = 0; n < signalsEach; n += 1) await hears(to, `${callId} ${n} of ${from.id}`);
    }
  };
  const end = async ({ caller, callee }: Pair, callId: string): Promise<void> => {
    await Promise.all([caller.end(callId), callee.end(callId)]);
    await ended({ caller, callee }, callId);
  };
  const ended = async ({ caller, callee }: Pick<Pair, 'caller' | 'callee'>, callId: string): Promise<void> => {
    await Promise.all([hears(caller, `${callId} ENDED`), hears(callee, `${callId} ENDED`)]);
  };
  const ringShortly = async ({ callee, token }: Pair): Promise<{ callId: string; untilMs: number }> => {
    const { createCall } = await run(doomed!.url, token, createCallOperation, { input: { calleeId: callee.userId, ringSeconds } });
    await hears(callee, `${createCall.id} CREATED`);
    return { callId: createCall.id, untilMs: Date.parse(createCall.ringExpiresAt) };
  };

  try {
    for (const device of devices) await device.arrive();
    const begin = async (pair: Pair): Promise<string> => {
      const callId = await ring(pair);
      await answer(pair, callId);
      return callId;
    };
    const talking = await together(ofKind(0), begin);
    const ringing = await together(ofKind(1), ring);
    const ending = await together(ofKind(2), begin);
    const brief = await together(ofKind(3), ringShortly);

    const hangingUp = ending.map(([pair, callId]) => end(pair, callId));
    const killedAt = performance.now();
    await doomed!.kill();
    await Promise.all([
      ...hangingUp,
      ...talking.map(async ([pair, callId]) => {
        await talk(pair, callId);
        await end(pair, callId);
      }),
      ...ringing.map(async ([pair, callId]) => {
        await answer(pair, callId);
        await end(pair, callId);
      }),
      ...brief.map(([pair, { callId }]) => ended(pair, callId)),
    ]);
    // Whoever hears of one more call has read all that was told before it, a second end too.
    for (const [{ caller }, callId] of await together(pairs, ring)) await hears(caller, `${callId} CREATED`);

    const calls = [...talking, ...ringing, ...ending].map(([pair, callId]) => [pair, callId] as const);
    const all = [...calls, ...brief.map(([pair, { callId }]) => [pair, callId] as const)];
    const backOf = (kind: 0 | 1): number[] =>
      devices.filter((_, n) => n % 2 === kind).flatMap(({ id }) => watch.readyAfter(id, killedAt) ?? []);
    return {
      backAfterMs: { sdk: backOf(0), bare: backOf(1) },
      rangOverMs: brief.flatMap(([{ caller, callee }, { callId, untilMs }]) =>
        [caller, callee].flatMap(({ id }) => watch.endsOf(id, callId).map((at) => at - untilMs)),
      ),
      missed,
      endsRead: all.flatMap(([{ caller, callee }, callId]) => [caller, callee].map(({ id }) => watch.endsOf(id, callId).length)),
      unrecovered: devices.reduce((sum, device) => sum + device.unrecovered, 0),
    };
  } finally {
    await Promise.all(devices.map((device) => device.leave()));
  }
}

/** When each device was subscribed last, and when it read of each end. */
class Watch {
  readonly #readyAt = new Map<string, number>();
  readonly #ends = new Map<string, number[]>();

  of({ device }: SessionPartsFragment): (event: InboxEventPartsFragment) => void {
    return (event) => {
      if (event.__typename === 'Ready') this.#readyAt.set(device.id, performance.now());
      if (event.__typename !== 'CallChanged' || event.change !== 'ENDED') return;
      const key = `${device.id} ${event.call.id}`;
      this.#ends.set(key, [...(this.#ends.get(key) ?? []), Date.now()]);
    };
  }

  /** Null where it was subscribed all the time. */
  readyAfter(deviceId: string, at: number): number | null {
    const readyAt = this.#readyAt.get(deviceId) ?? 0;
    return readyAt > at ? readyAt - at : null;
  }

  endsOf(deviceId: string, callId: string): readonly number[] {
    return this.#ends.get(`${deviceId} ${callId}`) ?? [];
  }
}

function together<Item, Result>(items: readonly Item[], task: (item: Item) => Promise<Result>): Promise<(readonly [Item, Result])[]> {
  return Promise.all(items.map(async (item) => [item, await task(item)] as const));
}
