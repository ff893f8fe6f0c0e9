import { inboxSubscription, sendSignalOperation } from '../../src/client/operations.js';
import { signUp, type Device } from '../support/device.js';
import type { Dice } from '../support/dice.js';
import { TestSocket } from '../support/socket.js';
import type { Addresses } from '../support/talker.js';
import { until } from '../support/until.js';

export interface Streams {
  /** Signals received on all streams. */
  readonly received: number;
  /** Streams of a device that did not have every signal of each writer once and in order. */
  readonly faulty: readonly string[];
}

const sendText = String(sendSignalOperation);
const inboxText = String(inboxSubscription);
const inFlight = 50;

export interface Pair {
  readonly one: Device;
  readonly other: Device;
  readonly callId: string;
}

/** People who talk two by two, each call answered. */
export async function pairsInCalls(node: Addresses, count: number): Promise<Pair[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const [one, other] = await Promise.all([signUp(node, 'one'), signUp(node, 'other')]);
      const { id } = await one.ring(other, { ringSeconds: 180 });
      await other.accept(id);
      return { one, other, callId: id };
    }),
  );
}

/** Each device writes on every node at once, and listens on every node: each inbox has as many writers as there are nodes. */
export async function writeOnEveryNode(nodes: readonly Addresses[], pairs: readonly Pair[], signalsEach: number): Promise<Streams> {
  const devices = pairs.flatMap(({ one, other, callId }) => [
    { device: one, from: other, callId },
    { device: other, from: one, callId },
  ]);
  const lines = await Promise.all(
    devices.flatMap((talk) => nodes.map((node, at) => openLine(node, at, talk.device, talk.from, talk.callId))),
  );
  try {
    await Promise.all(lines.map((line) => write(line.socket, line.callId, line.writer, signalsEach)));
    const expected = signalsEach * nodes.length;
    for (const line of lines) await until(`all signals of ${line.writer}`, () => line.payloads.length >= expected, { withinMs: 30_000 });
    return {
      received: lines.reduce((sum, { payloads }) => sum + payloads.length, 0),
      faulty: lines
        .filter(({ from, payloads }) => !hasEachOnceInOrder(payloads, from, nodes.length, signalsEach))
        .map(({ writer }) => writer),
    };
  } finally {
    await Promise.all(lines.map(({ socket }) => socket.close()));
  }
}

/** Calls placed, answered and ended, on whichever node, while signals are still on their way; and calls to those who are busy. */
export async function callAndTalk(
  nodes: readonly Addresses[],
  dice: Dice,
  { pairs, rounds }: { pairs: number; rounds: number },
): Promise<Record<string, number>> {
  const people = await Promise.all(Array.from({ length: pairs * 2 }, () => signUp(nodes[0]!, 'person')));
  const sockets = new Map(people.map((person) => [person, nodes.map(({ webSocketUrl }) => new TestSocket(webSocketUrl, person.token))]));
  const outsiders = await Promise.all([signUp(nodes[0]!, 'outsider'), signUp(nodes[0]!, 'outsider')]);
  const tally = { calls: 0, busy: 0, signals: 0, refused: 0 };
  const refusals = new Set<unknown>();
  let talking = true;
  try {
    // Also people in a call call others in a call: both of them are in the batches of signals then.
    const pestering = [...outsiders, null, null].map(async (outsider) => {
      while (talking) {
        const by = outsider ?? dice.oneOf(people);
        const call = await by.ring(dice.oneOf(people)).catch(() => null);
        if (call?.endReason === 'BUSY') tally.busy += 1;
        else if (call !== null && call.status !== 'ACTIVE') await by.end(call.id).catch(() => undefined);
      }
    });
    await Promise.all(Array.from({ length: pairs }, (_, pair) => talk(people[pair * 2]!, people[pair * 2 + 1]!)));
    talking = false;
    await Promise.all(pestering);
  } finally {
    talking = false;
    await Promise.all([...sockets.values()].flat().map((socket) => socket.close()));
  }
  return { ...tally, [`refusals (${[...refusals].join(', ')})`]: tally.refused };

  /** Twenty signals, each over whichever socket, and none waits for another. */
  function stream(by: Device, callId: string) {
    const payload = 'candidate'.padEnd(200);
    return Promise.allSettled(
      Array.from({ length: 20 }, () => dice.oneOf(sockets.get(by)!).query(sendText, { input: { callId, kind: 'ICE_CANDIDATE', payload } })),
    );
  }

  async function talk(one: Device, other: Device): Promise<void> {
    for (let round = 0; round < rounds;) {
      const [caller, callee] = dice.shuffled([one, other]) as [Device, Device];
      const call = await caller.ring(callee).catch(() => null);
      // An outsider was faster: the two are busy for a moment.
      if (call === null || call.status === 'ENDED') continue;
      round += 1;
      tally.calls += 1;
      const accepted = callee.accept(call.id).catch(() => null);
      const hers = stream(caller, call.id);
      await accepted;
      const his = stream(callee, call.id);
      await dice
        .oneOf([caller, callee])
        .end(call.id)
        .catch(() => undefined);
      for (const answer of [...(await hers), ...(await his)]) {
        if (answer.status === 'fulfilled') tally.signals += 1;
        else {
          tally.refused += 1;
          refusals.add((answer.reason as { code?: unknown }).code);
        }
      }
    }
  }
}

async function openLine(node: Addresses, at: number, device: Device, from: Device, callId: string) {
  const socket = new TestSocket(node.webSocketUrl, device.token);
  const payloads: string[] = [];
  let ready = false;
  socket.subscribe({ query: inboxText }, (data) => {
    const { inbox: event } = data as { inbox: { __typename: string; payload?: string } };
    if (event.__typename === 'Ready') ready = true;
    if (event.payload !== undefined) payloads.push(event.payload);
  });
  await until('Ready', () => ready);
  return { socket, payloads, callId, from: from.id, writer: `${device.id} ${at}` };
}

async function write(socket: TestSocket, callId: string, writer: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += inFlight) {
    const numbers = Array.from({ length: Math.min(inFlight, count - from) }, (_, n) => from + n);
    await Promise.all(numbers.map((n) => socket.query(sendText, { input: { callId, kind: 'ICE_CANDIDATE', payload: `${writer} ${n}` } })));
  }
}

function hasEachOnceInOrder(payloads: readonly string[], from: string, writers: number, signalsEach: number): boolean {
  if (payloads.length !== writers * signalsEach) return false;
  return Array.from({ length: writers }, (_, at) => payloads.filter((payload) => payload.startsWith(`${from} ${at} `))).every(
    (mine, at) => mine.length === signalsEach && mine.every((payload, n) => payload === `${from} ${at} ${n}`),
  );
}
