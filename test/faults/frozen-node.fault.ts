import { expect, test } from 'vitest';
import { Switchboard } from '../../src/client/index.js';
import { createCallOperation, sendSignalOperation } from '../../src/client/operations.js';
import { run } from '../support/api.js';
import { signUp, type Device } from '../support/device.js';
import { figures } from '../support/figures.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { phoneOf, ringOf } from '../support/phone.js';
import { watchPresence } from '../support/presence.js';
import { Proxy } from '../support/proxy.js';
import { type ServerProcess, startProcessForTest } from '../support/server-process.js';
import { until } from '../support/until.js';

const frozenMs = 45_000;
const ringSeconds = 20;
/** A ping that is not answered, and the wait for the next connection. */
const movesWithinMs = 18_000;
/** Slots of 20 s, and a call whose devices were away for 30 s is over: a node that takes its own absence for theirs shows it. */
const environment = { SIGNAL_RETENTION_MINUTES: '1', SIGNALING_LOST_SECONDS: '30' };

test('a node that is frozen for 45 seconds, and goes on, ends no live call and delivers nothing stale', async () => {
  const postgres = await OwnPostgres.startForTest();
  const [frozen, other] = [
    await startProcessForTest({ environment: { ...environment, DATABASE_URL: postgres.url } }),
    await startProcessForTest({ environment: { ...environment, DATABASE_URL: postgres.url } }),
  ];
  const [ana, cleo, gil, ivy] = await connected(frozen, ['ana', 'cleo', 'gil', 'ivy']);
  const [ben, dan, hal, jan] = await connected(other, ['ben', 'dan', 'hal', 'jan']);
  const talk = await ana.ring(ben);
  await ben.accept(talk.id);
  const { kim, heard, say, end } = await twoPhones(frozen, other);
  const presence = await watchPresence(ben, [ana, gil]);
  await until('both to be seen', () => presence.of(ana).at(-1) === true && presence.of(gil).at(-1) === true);
  const ring = await cleo.ring(dan, { ringSeconds });
  await dan.heard('CREATED', ring.id);

  frozen.freeze();
  const frozenAt = performance.now();
  const sinceFrozen = (): number => Math.round(performance.now() - frozenAt);
  kim.proxy.leadTo(other);
  // What lies in its sockets, and what comes into its queue of connections; with nobody's patience but this test's.
  const buffered = [
    ana.socket.run(sendSignalOperation, { input: { callId: talk.id, kind: 'CUSTOM', payload: 'stale, over a socket' } }),
    gil.socket.run(createCallOperation, { input: { calleeId: hal.userId } }),
    ana.send(talk.id, 'CUSTOM', 'stale, over HTTP'),
    run(frozen.url, ivy.token, createCallOperation, { input: { calleeId: jan.userId } }),
  ].map((asked) =>
    asked.then(
      () => 'carried out',
      () => 'not answered',
    ),
  );

  // They ask the other node instead.
  const [anaThere, gilThere] = [ana.at(other), gil.at(other)];
  await anaThere.connect();
  await anaThere.send(talk.id, 'CUSTOM', 'said again');
  const again = await gilThere.ring(hal);
  await hal.heard('CREATED', again.id);
  await gilThere.end(again.id);
  await say('while it was frozen');
  await until('the SDK to move', () => heard.includes('while it was frozen'), { withinMs: movesWithinMs * 2 });
  const movedMs = sinceFrozen();
  await until('the ring to end', () => dan.changes.some(({ change, call }) => call.id === ring.id && change === 'ENDED'), {
    withinMs: 30_000,
  });
  const rangLateMs = await lateness(dan, ring.id);
  await until('most of the time to pass', () => sinceFrozen() > frozenMs - 10_000, { withinMs: frozenMs });
  const cursor = ben.lastCursor;
  const kept = Array.from({ length: 20 }, (_, n) => `kept ${n}`);
  for (const payload of kept) await anaThere.send(talk.id, 'CUSTOM', payload);
  await until('the time to pass', () => sinceFrozen() > frozenMs, { withinMs: frozenMs });

  frozen.thaw();
  const thawedAt = performance.now();
  expect(await Promise.all(buffered)).toEqual(['not answered', 'not answered', 'not answered', 'not answered']);
  await until('the node to serve', () => serves(frozen), { withinMs: 10_000 });
  await until('its old sockets to be gone', async () => (await socketsOf(frozen)) === 0, { withinMs: 10_000 });
  const tidyMs = Math.round(performance.now() - thawedAt);
  // Who comes to it now is served, and whatever it did of old would be in the inboxes before this.
  const back = ana.at(frozen);
  await back.connect();
  await back.stream(talk.id, 'CUSTOM', 'and after');
  await ben.received('and after');
  await say('and after');
  await until('the SDK to hear it', () => heard.includes('and after'));
  await until('presence to be right', () => presence.of(ana).at(-1) === true && presence.of(gil).at(-1) === false, { withinMs: 30_000 });

  figures('a node frozen for 45 s', {
    'the SDK went on at the other node after (within 18,000 ms)': `${movedMs} ms`,
    'a ring of the frozen node ended late by (within 2,000 ms)': `${rangLateMs} ms`,
    'free of old sockets after the thaw': `${tidyMs} ms`,
  });
  expect(movedMs).toBeLessThan(movesWithinMs);
  expect(Math.abs(rangLateMs)).toBeLessThan(2_000);
  expect(ben.signals.map(({ payload }) => payload)).toEqual(['said again', ...kept, 'and after']);
  expect(heard).toEqual(['while it was frozen', 'and after']);
  expect(created(hal)).toEqual([again.id]);
  expect(created(jan)).toEqual([]);
  expect(dan.changes.filter(({ change }) => change === 'ENDED')).toMatchObject([{ call: { id: ring.id, endReason: 'NO_ANSWER' } }]);
  for (const by of [anaThere, ben]) expect(await by.activeCalls()).toMatchObject([{ id: talk.id, status: 'ACTIVE' }]);
  expect(kim.phone.calls.map(({ status }) => status)).toEqual(['ACTIVE']);
  const page = await ben.page(cursor);
  expect(page.recovered).toBe(true);
  expect(page.events).toMatchObject([...kept, 'and after'].map((payload) => ({ payload })));
  await end();
  await Promise.all([anaThere, back, cleo, gil, ivy, ben, dan, hal, jan].map((device) => device.leave()));
});

type Four = [Device, Device, Device, Device];

async function connected(node: ServerProcess, names: readonly string[]): Promise<Four> {
  const devices = await Promise.all(names.map((name) => signUp(node, name)));
  await Promise.all(devices.map((device) => device.connect()));
  return devices as Four;
}

/** Two with the SDK in a call: kim at the node that will be frozen, by a way that can lead elsewhere, and somebody at the other. */
async function twoPhones(frozen: ServerProcess, other: ServerProcess) {
  const proxy = await Proxy.start(frozen);
  const [kim, lou]: [Switchboard, Switchboard] = [await phoneOf({ url: proxy.url }), await phoneOf(other)];
  const rings = ringOf(kim);
  const call = await lou.call(kim.user?.id ?? '');
  const theirs = await rings;
  const heard: string[] = [];
  theirs.on('signal', ({ payload }) => heard.push(payload));
  await theirs.accept();
  await until('the answer', () => call.status === 'ACTIVE');
  return {
    kim: { phone: kim, proxy },
    heard,
    say: (payload: string) => call.send(payload),
    end: async (): Promise<void> => {
      await Promise.all([kim.close(), lou.close()]);
      await proxy.stop();
    },
  };
}

function created(device: Device): string[] {
  return device.changes.filter(({ change }) => change === 'CREATED').map(({ call }) => call.id);
}

async function lateness(device: Device, callId: string): Promise<number> {
  const call = await device.call(callId);
  return Date.parse(call?.endedAt ?? '') - Date.parse(call?.ringExpiresAt ?? '');
}

async function socketsOf(server: ServerProcess): Promise<number> {
  const text = await (await fetch(new URL('/metrics', server.url))).text();
  return Number(/^switchboard_sockets (\d+)$/m.exec(text)?.[1]);
}

/** What is asked in the moment after the thaw it may cut off with what is old. */
function serves(server: ServerProcess): Promise<boolean> {
  return fetch(new URL('/readyz', server.url)).then(
    ({ status }) => status === 200,
    () => false,
  );
}
