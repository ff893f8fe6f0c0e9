import { expect } from 'vitest';
import { runSql } from '../support/database.js';
import { type Device, signUp, twoInACall } from '../support/device.js';
import { HealthWatch } from '../support/health-watch.js';
import { watchPresence } from '../support/presence.js';
import { type Answer, Questions } from '../support/questions.js';
import type { ServerProcess } from '../support/server-process.js';
import { TestSocket } from '../support/socket.js';
import type { Addresses } from '../support/talker.js';
import { until } from '../support/until.js';
import { PhonesTalking } from './phones-talking.js';

/** How the database goes away, for how long, and how it comes back. */
export interface Outage {
  readonly seconds: number;
  begin(): Promise<void>;
  end(): Promise<void>;
}

export interface Deployment {
  readonly nodes: readonly ServerProcess[];
  readonly entrance: Addresses;
  readonly databaseUrl: string;
}

export interface OutageReport {
  readonly answers: readonly Answer[];
  /** From the return of the database until each was right again. */
  readonly healedMs: Readonly<Record<string, number>>;
}

/** Past the five seconds of the specification: how late it was says more than that it was late. */
const patience = { withinMs: 30_000, everyMs: 20 };

/** People talk, ring, watch, and ask for everything there is while the database is away; afterwards all is as if it had not been. */
export async function outlast({ nodes, entrance, databaseUrl }: Deployment, outage: Outage): Promise<OutageReport> {
  const { ana, ben, callId } = await twoInACall(entrance);
  const phones = await PhonesTalking.begin(entrance);
  const questions = await Questions.prepare(entrance);
  const [cleo, dan, gil, hal, jan] = await fivePeople(entrance);
  const presence = await watchPresence(ana, [ben, jan]);
  await until('both to be seen', () => presence.of(ben).at(-1) === true && presence.of(jan).at(-1) === true);
  const health = HealthWatch.startForTest(nodes);
  const staying = [ana, ben, cleo, dan, gil, hal];
  const closed: string[] = [];
  for (const { socket, session } of staying) void socket.closed.then(({ code }) => closed.push(`${session.user.username} ${code}`));

  const ringsOut = await cleo.ring(dan, { ringSeconds: 5 });
  const ringsOn = await gil.ring(hal, { ringSeconds: 120 });
  await Promise.all([cleo.heard('RINGING', ringsOut.id), gil.heard('RINGING', ringsOn.id)]);

  await outage.begin();
  const beganAt = performance.now();
  jan.cut();
  phones.talkOn();
  const said = ['said while it was away', 'said a little later'];
  for (const payload of said) {
    await expect(ana.stream(callId, 'CUSTOM', payload, payload)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  }
  // Whom the node has looked up a moment ago it would let in; by now it has forgotten.
  const comer = new TestSocket(entrance.webSocketUrl, dan.token);
  await expect(comer.query('{ me { id } }')).rejects.toMatchObject({ code: 1013 });
  const awayFrom = performance.now();
  await questions.askUntil(beganAt + outage.seconds * 1_000);
  expect(health.notAliveSince(beganAt)).toEqual([]);
  expect(health.readinessSince(awayFrom)).toEqual(['503 no database']);

  await outage.end();
  const backAt = performance.now();
  const healedMs: Record<string, number> = {};
  const heals = async (what: string, look: () => unknown): Promise<void> => {
    await until(
      what,
      async () =>
        (await Promise.resolve()
          .then(look)
          .catch(() => false)) as boolean,
      patience,
    );
    healedMs[what] = Math.round(performance.now() - backAt);
  };
  await Promise.all([
    health.ready(patience.withinMs).then(() => heals('the nodes are ready', () => true)),
    heals('requests are answered', () => succeeds(ben.ask('{ me { id online } activeCalls { id } }'))),
    heals('somebody logs in', () => succeeds(ben.another('tablet'))),
    heals('a client connects', () => connects(entrance, dan)),
    heals('a signal arrives', async () => {
      for (const payload of said) await until(payload, () => succeeds(ana.stream(callId, 'CUSTOM', payload, payload)), patience);
      return succeeds(ben.received(said.at(-1)!));
    }),
    heals('what rang out is over', () => [cleo, dan].every((by) => changesOf(by, ringsOut.id).includes('ENDED'))),
    heals('who is online is known', async () => (await ana.seesOnline(ben)) && !(await ana.seesOnline(jan))),
    heals('who watches has been told', () => presence.of(ben).at(-1) === true && presence.of(jan).at(-1) === false),
    heals("the SDK's signals arrive", () => phones.isUpToDate()),
  ]);

  expect(closed).toEqual([]);
  for (const node of nodes) expect(node.isAlive).toBe(true);
  expect(ben.signals.map(({ payload }) => payload)).toEqual(said);
  expect(await phones.heardAll()).toEqual([...phones.sent]);
  expect(phones.states).toEqual([]);
  for (const by of [cleo, dan]) expect(changesOf(by, ringsOut.id)).toEqual(['CREATED', 'RINGING', 'ENDED']);
  expect(await cleo.call(ringsOut.id)).toMatchObject({ status: 'ENDED', endReason: 'NO_ANSWER' });
  expect(await hal.accept(ringsOn.id)).toMatchObject({ status: 'ACTIVE' });
  for (const by of [gil, hal]) expect(await by.heard('ANSWERED', ringsOn.id)).toBeDefined();
  for (const by of [ana, ben]) expect(await by.activeCalls()).toMatchObject([{ id: callId, status: 'ACTIVE' }]);
  expect(await runSql(databaseUrl, `SELECT id FROM call WHERE end_reason = 'SIGNALING_LOST'`)).toEqual([]);
  await Promise.all([...staying.map((device) => device.leave()), phones.end(), questions.end(), health.stop()]);
  return { answers: questions.answers, healedMs };
}

function succeeds(asked: Promise<unknown>): Promise<boolean> {
  return asked.then(
    () => true,
    () => false,
  );
}

function changesOf(device: Device, callId: string): string[] {
  return device.changes.filter(({ call }) => call.id === callId).map(({ change }) => change);
}

async function fivePeople(entrance: Addresses): Promise<[Device, Device, Device, Device, Device]> {
  const some = await Promise.all(['cleo', 'dan', 'gil', 'hal', 'jan'].map((name) => signUp(entrance, name)));
  await Promise.all(some.map((device) => device.connect()));
  return some as [Device, Device, Device, Device, Device];
}

async function connects(entrance: Addresses, device: Device): Promise<boolean> {
  const socket = new TestSocket(entrance.webSocketUrl, device.token);
  try {
    return await succeeds(socket.query('{ me { id } }'));
  } finally {
    await socket.close();
  }
}
