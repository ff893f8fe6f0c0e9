import { expect } from 'vitest';
import type { CallPartsFragment, EndReason } from '../../src/client/gql/graphql.js';
import { acceptCallOperation, createCallOperation, endCallOperation } from '../../src/client/operations.js';
import { ApiError, run } from '../support/api.js';
import { signUp, type Device } from '../support/device.js';
import type { Dice } from '../support/dice.js';
import type { Addresses } from '../support/talker.js';
import { changesOf, toldOf } from '../support/story.js';
import { until } from '../support/until.js';

/** Each request goes to a node of its own choice: a race has no favourite. */
export interface RaceDeployment {
  readonly nodes: readonly [Addresses, ...Addresses[]];
  readonly dice: Dice;
}

type Answer = { readonly by: Device; readonly call: CallPartsFragment } | { readonly by: Device; readonly refused: unknown };

const longMs = 20_000;

/** A call with four devices on the caller's side and sixteen on the callee's; fifty of their wishes at once, again and again. */
export async function raceForCalls({ nodes, dice }: RaceDeployment, rounds: number): Promise<Record<string, number>> {
  const [caller, callee] = [await signUp(nodes[0], 'caller'), await signUp(nodes[0], 'callee')];
  const callers = [caller, ...(await others(caller, 3))];
  const callees = [callee, ...(await others(callee, 15))];
  for (const device of [...callers, ...callees]) await device.connect();
  const tally = { answered: 0, cancelled: 0, declined: 0, refused: 0 };
  try {
    for (let round = 0; round < rounds; round += 1) {
      const call = await caller.ring(callee);
      const accepts = dice.shuffled([...callees, ...callees]).map((by) => () => accept(by, call.id));
      const cancels = Array.from({ length: 9 }, () => dice.oneOf(callers)).map((by) => () => end(by, call.id, 'CANCELLED'));
      const declines = Array.from({ length: 9 }, () => dice.oneOf(callees)).map((by) => () => end(by, call.id, 'DECLINED'));
      const answers = await Promise.all(dice.shuffled([...accepts, ...cancels, ...declines]).map((ask) => ask()));
      tally.refused += answers.filter((answer) => 'refused' in answer).length;
      const after = (await caller.call(call.id))!;
      expectOneWinner(answers, after);
      if (after.status === 'ACTIVE') tally.answered += 1;
      else tally[after.endReason === 'CANCELLED' ? 'cancelled' : 'declined'] += 1;
      const over = await caller.end(call.id);
      await expectOneStory(callers, callees, over);
    }
  } finally {
    await Promise.all([...callers, ...callees].map((device) => device.leave()));
  }
  return tally;

  function accept(by: Device, id: string): Promise<Answer> {
    const asked = run(dice.oneOf(nodes).url, by.token, acceptCallOperation, { id });
    return asked.then(
      ({ acceptCall }) => ({ by, call: acceptCall }),
      (error: unknown) => refusal(by, error),
    );
  }

  function end(by: Device, id: string, reason: EndReason): Promise<Answer> {
    const asked = run(dice.oneOf(nodes).url, by.token, endCallOperation, { id, reason });
    return asked.then(
      ({ endCall }) => ({ by, call: endCall }),
      (error: unknown) => refusal(by, error),
    );
  }
}

/** Two people call each other at one instant: both are in the same call, and it is answered. */
export async function raceIntoGlare({ nodes, dice }: RaceDeployment, rounds: number): Promise<Record<string, number>> {
  const [ana, ben] = [await signUp(nodes[0], 'ana'), await signUp(nodes[0], 'ben')];
  await Promise.all([ana.connect(), ben.connect()]);
  const tally = { 'ana called': 0, 'ben called': 0 };
  try {
    for (let round = 0; round < rounds; round += 1) {
      const [hers, his] = await Promise.all([create(ana, ben), create(ben, ana)]);
      expect(hers.id).toBe(his.id);
      expect([hers.direction, his.direction].toSorted()).toEqual(['INCOMING', 'OUTGOING']);
      const incoming = hers.direction === 'INCOMING' ? hers : his;
      expect(incoming.status).toBe('ACTIVE');
      tally[hers.direction === 'OUTGOING' ? 'ana called' : 'ben called'] += 1;
      const over = await dice.oneOf([ana, ben]).end(hers.id);
      expect(over).toMatchObject({ status: 'ENDED', endReason: 'HUNG_UP' });
      await Promise.all(
        [ana, ben].map((device) => until('the end', () => toldOf(device, hers.id).includes('ENDED'), { withinMs: longMs })),
      );
      expect(toldOf(ana, hers.id).filter((change) => change !== 'RINGING')).toEqual(['CREATED', 'ANSWERED', 'ENDED']);
      expect(toldOf(ben, hers.id)).toEqual(toldOf(ana, hers.id));
    }
  } finally {
    await Promise.all([ana.leave(), ben.leave()]);
  }
  return tally;

  async function create(by: Device, callee: Device): Promise<CallPartsFragment> {
    return (await run(dice.oneOf(nodes).url, by.token, createCallOperation, { input: { calleeId: callee.userId } })).createCall;
  }
}

/** Two call a third at one instant: one rings, one is told BUSY. */
export async function raceForTheCallee({ nodes, dice }: RaceDeployment, rounds: number): Promise<Record<string, number>> {
  const [ana, cem, ben] = [await signUp(nodes[0], 'ana'), await signUp(nodes[0], 'cem'), await signUp(nodes[0], 'ben')];
  await ben.connect();
  const tally = { 'ana rang': 0, 'cem rang': 0 };
  try {
    for (let round = 0; round < rounds; round += 1) {
      const calls = await Promise.all(dice.shuffled([ana, cem]).map(async (by) => ({ by, call: await create(by) })));
      const ringing = calls.filter(({ call }) => call.status !== 'ENDED');
      const busy = calls.filter(({ call }) => call.status === 'ENDED' && call.endReason === 'BUSY');
      expect([ringing.length, busy.length]).toEqual([1, 1]);
      const { by, call } = ringing[0]!;
      tally[by === ana ? 'ana rang' : 'cem rang'] += 1;
      await by.end(call.id);
      await until('both ends', () => toldOf(ben, call.id).includes('ENDED') && toldOf(ben, busy[0]!.call.id).includes('ENDED'), {
        withinMs: longMs,
      });
      expect(toldOf(ben, busy[0]!.call.id)).toEqual(['ENDED']);
      expect(await ben.activeCalls()).toEqual([]);
    }
  } finally {
    await ben.leave();
  }
  return tally;

  async function create(by: Device): Promise<CallPartsFragment> {
    return (await run(dice.oneOf(nodes).url, by.token, createCallOperation, { input: { calleeId: ben.userId } })).createCall;
  }
}

function expectOneWinner(answers: readonly Answer[], after: CallPartsFragment): void {
  const winners = answers.filter((answer) => 'call' in answer);
  for (const answer of answers) if ('refused' in answer) expect(answer.refused).toBe('CALL_STATE_CONFLICT');
  expect(winners.length).toBeGreaterThan(0);
  if (after.status === 'ACTIVE') {
    expect(new Set(winners.map(({ by }) => by.id))).toEqual(new Set([after.calleeDeviceId]));
    expect(winners.every(({ call }) => call.status === 'ACTIVE' && call.calleeDeviceId === after.calleeDeviceId)).toBe(true);
  } else {
    // Whoever ends what is over is told how it ended.
    expect(after).toMatchObject({ status: 'ENDED', calleeDeviceId: null, answeredAt: null });
    expect(new Set(winners.map(({ call }) => `${call.endReason} ${call.endedBy?.id}`))).toEqual(
      new Set([`${after.endReason} ${after.endedBy?.id}`]),
    );
  }
}

async function expectOneStory(callers: readonly Device[], callees: readonly Device[], over: CallPartsFragment): Promise<void> {
  const all = [...callers, ...callees];
  await Promise.all(all.map((device) => until('the end', () => toldOf(device, over.id).includes('ENDED'), { withinMs: longMs })));
  const stories = all.map((device) => toldOf(device, over.id).join(' '));
  expect(new Set(stories).size).toBe(1);
  expect(stories[0]).toMatch(over.calleeDeviceId === null ? /^CREATED (RINGING )?ENDED$/ : /^CREATED (RINGING )?ANSWERED ENDED$/);
  for (const device of all) expect(changesOf(device, over.id).at(-1)?.call).toMatchObject({ status: 'ENDED', endReason: over.endReason });
  if (over.calleeDeviceId === null) return;
  for (const device of callees) {
    const how = changesOf(device, over.id).find(({ change }) => change.startsWith('ANSWERED'))?.change;
    expect(how).toBe(device.id === over.calleeDeviceId ? 'ANSWERED' : 'ANSWERED_ELSEWHERE');
  }
}

function refusal(by: Device, error: unknown): Answer {
  if (!(error instanceof ApiError)) throw error;
  return { by, refused: error.code };
}

function others(device: Device, count: number): Promise<Device[]> {
  return Promise.all(Array.from({ length: count }, (_, n) => device.another(`device ${n + 2}`)));
}
