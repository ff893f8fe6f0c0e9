import { expect, onTestFinished, test } from 'vitest';
import type { CallPartsFragment } from '../../src/client/gql/graphql.js';
import { signUp, type Device } from '../support/device.js';
import { figures, secondsSince } from '../support/figures.js';
import { startProcessForTest } from '../support/server-process.js';
import { startServerForTest } from '../support/server.js';
import { SqlConnection } from '../support/sql-connection.js';
import { until } from '../support/until.js';

test('of five devices that accept at once one wins, and the other four read ANSWERED_ELSEWHERE within a second, a hundred times', async () => {
  const server = await startServerForTest();
  const [ana, phone] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  const devices = [phone, ...(await Promise.all(['tablet', 'laptop', 'desk', 'watch'].map((name) => phone.another(name))))];
  await Promise.all([ana, ...devices].map((device) => device.connect()));
  const wonBy = new Map(devices.map((device) => [device.id, 0]));
  const toldAfterMs: number[] = [];
  for (let round = 0; round < 100; round += 1) {
    const { id } = await ana.ring(phone);
    await Promise.all(devices.map((device) => device.heard('RINGING', id)));
    // Who asks first wins more often than not: each is the first in turn.
    const inTurn = [...devices.slice(round % 5), ...devices.slice(0, round % 5)];
    const answers = inTurn.map(async (device) => {
      const call = await device.accept(id);
      return { winner: device, call, at: performance.now() };
    });
    const results = await Promise.allSettled(answers);
    const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const lost = results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []));
    expect([won.length, lost.length]).toEqual([1, 4]);
    for (const reason of lost) expect(reason).toMatchObject({ extensions: { code: 'CALL_STATE_CONFLICT', status: 'ACTIVE' } });
    const { winner, call, at } = won[0]!;
    expect(call).toMatchObject({ status: 'ACTIVE', calleeDeviceId: winner.id });
    wonBy.set(winner.id, (wonBy.get(winner.id) ?? 0) + 1);
    await Promise.all(
      devices.map(async (device) => {
        await device.heard(device === winner ? 'ANSWERED' : 'ANSWERED_ELSEWHERE', id);
        toldAfterMs.push(performance.now() - at);
      }),
    );
    await ana.end(id);
    await Promise.all(devices.map((device) => device.heard('ENDED', id)));
    for (const device of devices) {
      const answered = device === winner ? 'ANSWERED' : 'ANSWERED_ELSEWHERE';
      const told = device.changes.filter((event) => event.call.id === id).map(({ change }) => change);
      expect(told).toEqual(['CREATED', 'RINGING', answered, 'ENDED']);
    }
  }
  const longestMs = Math.max(...toldAfterMs);
  figures('accept: 100 races of five devices', {
    'won by each': [...wonBy.values()].join(', '),
    'told after at most': `${longestMs.toFixed(0)} ms`,
  });
  expect(longestMs).toBeLessThan(1_000);
});

test('a thousand times two people call each other, fifty pairs at once: they are in one call, and nobody is in two', async () => {
  const server = await startServerForTest();
  const database = await SqlConnection.open(server.databaseUrl);
  onTestFinished(() => database.close());
  const startedAt = performance.now();
  const pairs = await Promise.all(Array.from({ length: 50 }, () => Promise.all([signUp(server, 'ana'), signUp(server, 'ben')])));
  const tally = { 'the first one called': 0, 'the second one called': 0 };
  await Promise.all(
    pairs.map(async ([ana, ben]) => {
      for (let round = 0; round < 20; round += 1) {
        // The first to ask is mostly the first to be heard: each is it in turn.
        const [first, second] = round % 2 === 0 ? ([ana, ben] as const) : ([ben, ana] as const);
        const [one, other] = await Promise.all([first.ring(second), second.ring(first)]);
        const [hers, his] = first === ana ? [one, other] : [other, one];
        expect(hers.id).toBe(his.id);
        expect([hers.direction, his.direction].toSorted((a, b) => a.localeCompare(b))).toEqual(['INCOMING', 'OUTGOING']);
        const later = hers.direction === 'INCOMING' ? { by: ana, call: hers } : { by: ben, call: his };
        expect(later.call).toMatchObject({ status: 'ACTIVE', calleeDeviceId: later.by.id });
        tally[later.by === second ? 'the first one called' : 'the second one called'] += 1;
        for (const device of [ana, ben]) expect(await device.activeCalls()).toMatchObject([{ id: hers.id, status: 'ACTIVE' }]);
        expect(await livesOf(database, [ana, ben])).toEqual([hers.id, hers.id]);
        await ana.end(hers.id);
      }
    }),
  );
  const [made] = await database.query<{ calls: number; live: number }>(
    'SELECT (SELECT count(*)::int FROM call) AS calls, (SELECT count(*)::int FROM live_call) AS live',
  );
  figures('glare: 1,000 crossings, 50 at once', { ...tally, took: secondsSince(startedAt) });
  expect(made).toEqual({ calls: 1_000, live: 0 });
});

test('a ring ends within two seconds of its time, once, also when the node that made it is killed', async () => {
  const stays = await startProcessForTest();
  const goes = await startProcessForTest({ environment: { DATABASE_URL: stays.databaseUrl } });
  const pairs = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const [caller, callee] = await Promise.all([signUp(goes, 'ana'), signUp(stays, 'ben')]);
      await Promise.all([caller.connect(), callee.connect()]);
      return { caller, callee };
    }),
  );
  // One half rings out before the other, so that the node is killed in the middle of it.
  const calls = await Promise.all(pairs.map(({ caller, callee }, n) => caller.ring(callee, { ringSeconds: n % 2 === 0 ? 5 : 6 })));
  const ended = (device: Device, { id }: CallPartsFragment) =>
    device.changes.filter(({ change, call }) => change === 'ENDED' && call.id === id);
  await until('the first to end', () => pairs.some(({ callee }, n) => ended(callee, calls[n]!).length > 0));
  await goes.kill();
  const lateMs: number[] = [];
  for (const [n, { caller, callee }] of pairs.entries()) {
    const call = calls[n]!;
    await until('the end', () => ended(callee, call).length > 0);
    const over = await callee.call(call.id);
    expect(over).toMatchObject({ status: 'ENDED', endReason: 'NO_ANSWER', endedBy: null, missed: true });
    lateMs.push(Date.parse(over?.endedAt ?? '') - Date.parse(call.ringExpiresAt));
    // The caller's node is gone: it goes on at the other, where it was.
    await caller.comeBack(stays);
    await until('the end', () => ended(caller, call).length > 0);
    expect((await callee.timeline(call.id)).filter(({ kind }) => kind === 'ENDED')).toHaveLength(1);
  }
  for (const [n, { caller, callee }] of pairs.entries())
    expect([caller, callee].map((device) => ended(device, calls[n]!).length)).toEqual([1, 1]);
  figures('ring: 20 calls, their node killed while they ring out', {
    'ended after at least': `${Math.min(...lateMs)} ms`,
    'at most': `${Math.max(...lateMs)} ms`,
  });
  expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...lateMs)).toBeLessThan(2_000);
});

/** The calls that each of them is in, as the database has it. */
async function livesOf(database: SqlConnection, devices: readonly Device[]): Promise<string[]> {
  const userIds = devices.map(({ userId }) => userId);
  const rows = await database.query<{ call_id: string }>('SELECT call_id FROM live_call WHERE user_id = ANY($1)', [userIds]);
  return rows.map(({ call_id }) => call_id);
}
