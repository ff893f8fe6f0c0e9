import { expect, test } from 'vitest';
import { createCallOperation, refreshSessionOperation } from '../../src/client/operations.js';
import { memoryStore, Switchboard } from '../../src/client/index.js';
import { run } from '../support/api.js';
import { signUp, twoInACall, type Device } from '../support/device.js';
import { figures } from '../support/figures.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { phoneOf, recordingSocket, ringOf } from '../support/phone.js';
import { type ServerProcess, startProcessForTest } from '../support/server-process.js';
import { skewedClock } from '../support/skewed-clock.js';
import { until } from '../support/until.js';

const ringSeconds = 5;
const mostOffMs = 1_000;

test.each([5, -5])('two nodes, one of whose clocks is %i minutes off, are one service', async (minutes) => {
  const postgres = await OwnPostgres.startForTest();
  const environment = { DATABASE_URL: postgres.url };
  const right = await startProcessForTest({ environment });
  const wrong = await startProcessForTest({ environment: { ...environment, ...skewedClock(minutes) } });
  const clockOfWrong = Date.parse((await fetch(wrong.url)).headers.get('date') ?? '');
  expect(Math.round((clockOfWrong - Date.now()) / 60_000)).toBe(minutes);

  const early = [await ringOut(right, wrong, [right, wrong]), await ringOut(wrong, right, [right, wrong])];
  // Either alone has to end it in time.
  right.freeze();
  const byWrong = await ringOut(wrong, wrong, [wrong]);
  right.thaw();

  for (const [home, other] of [
    [right, wrong],
    [wrong, right],
  ] as const) {
    const person = await signUp(home, 'person');
    expect(Math.abs(Date.parse(person.session.expiresAt) - Date.now() - 900_000)).toBeLessThan(30_000);
    expect(await person.at(other).ask('{ me { id } }')).toBeDefined();
    await person.at(other).connect();
    const { refreshSession } = await run(other.url, null, refreshSessionOperation, { refreshToken: person.session.refreshToken });
    expect(
      await run(home.url, refreshSession.accessToken, createCallOperation, { input: { calleeId: (await signUp(home)).userId } }),
    ).toBeDefined();
    await callAcross(home, other);
  }
  await talkWithTheSdk(right, wrong);
  const { ana, ben, callId } = await twoInACall(wrong);
  await ana.stream(callId, 'CUSTOM', 'hello');
  await ben.received('hello');
  await Promise.all([ana.leave(), ben.leave()]);

  figures(`a clock that is ${minutes} minutes off: how far from ringExpiresAt a ring of ${ringSeconds} s ended (within 1,000 ms)`, {
    'made at the right node, and rings at the wrong': `${early[0]} ms`,
    'made at the wrong node, and rings at the right': `${early[1]} ms`,
    'made and ended by the wrong node alone': `${byWrong} ms`,
  });
  for (const offMs of [...early, byWrong]) expect(Math.abs(offMs)).toBeLessThanOrEqual(mostOffMs);
});

/** By how many milliseconds the ring that was made at `home` ended late: by the database's clock, and by everybody's own. */
async function ringOut(home: ServerProcess, other: ServerProcess, nodes: readonly ServerProcess[]): Promise<number> {
  const [caller, callee] = await Promise.all([signUp(home, 'caller'), signUp(other, 'callee')]);
  await Promise.all([caller.connect(), callee.connect()]);
  const calledAt = performance.now();
  const call = await caller.ring(callee, { ringSeconds });
  await until('the end', () => endOf(callee, call.id), { withinMs: ringSeconds * 1_000 + 5_000 });
  const tookMs = performance.now() - calledAt;
  expect(tookMs).toBeGreaterThan(ringSeconds * 1_000 - mostOffMs);
  expect(tookMs).toBeLessThan(ringSeconds * 1_000 + 2_000);
  for (const node of nodes) expect(await caller.at(node).call(call.id)).toMatchObject({ status: 'ENDED', endReason: 'NO_ANSWER' });
  const ended = await caller.call(call.id);
  await Promise.all([caller.leave(), callee.leave()]);
  return Date.parse(ended?.endedAt ?? '') - Date.parse(call.ringExpiresAt);
}

function endOf(device: Device, callId: string) {
  return device.changes.find(({ change, call }) => change === 'ENDED' && call.id === callId);
}

async function callAcross(home: ServerProcess, other: ServerProcess): Promise<void> {
  const [ana, ben] = await Promise.all([signUp(home, 'ana'), signUp(home, 'ben')]);
  const [here, there] = [ana.at(home), ben.at(other)];
  await Promise.all([here.connect(), there.connect()]);
  const call = await here.ring(ben);
  await there.heard('CREATED', call.id);
  await there.accept(call.id);
  await there.stream(call.id, 'CUSTOM', 'from there');
  await here.received('from there');
  await here.end(call.id);
  await there.heard('ENDED', call.id);
  await Promise.all([here.leave(), there.leave()]);
}

/** Signed in at one node, connected to the other: never sent away to refresh, and what it shows of a ring's time is right. */
async function talkWithTheSdk(right: ServerProcess, wrong: ServerProcess): Promise<void> {
  for (const [home, other] of [
    [right, wrong],
    [wrong, right],
  ] as const) {
    const store = memoryStore();
    await (await phoneOf(home, undefined, { store })).close();
    const { webSocket, codes } = recordingSocket();
    const phone = new Switchboard({ url: other.url, createPeerConnection: null, store, webSocket });
    await phone.resume();
    await phone.ready();
    const friend = await phoneOf(home);
    const rings = ringOf(friend);
    const call = await phone.call(friend.user?.id ?? '', { ringSeconds: 60 });
    const theirs = await rings;
    expect(Math.abs(Date.parse(theirs.info.ringExpiresAt) - friend.now() - 60_000)).toBeLessThan(3_000);
    await theirs.accept();
    await until('the answer', () => call.status === 'ACTIVE');
    await call.hangUp();
    expect(codes).toEqual([]);
    await Promise.all([phone.close(), friend.close()]);
  }
}
