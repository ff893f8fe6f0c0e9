import { afterAll, beforeAll, expect, test } from 'vitest';
import { runSql } from './support/database.js';
import { signUp, twoInACall, type Device } from './support/device.js';
import { seemLongAgo } from './support/meddle.js';
import { startServer, startServerForTest, type TestServer } from './support/server.js';
import { until } from './support/until.js';

// A device that loses its socket is given 5 seconds before it counts as gone; then the time runs, from when it was lost.
const graceMs = 5_000;
const lostSeconds = 2;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ SIGNALING_LOST_SECONDS: `${lostSeconds}` });
});
afterAll(() => server.stop());

const stored = async (callId: string, at = server) => {
  const [call] = await runSql<{ status: string; end_reason: string | null }>(
    at.databaseUrl,
    'SELECT status, end_reason FROM call WHERE id = $1',
    [callId],
  );
  return call;
};
const ended = (callId: string, at = server) =>
  until('the end', async () => (await stored(callId, at))?.status === 'ENDED', { withinMs: 12_000, everyMs: 100 });
/** Looks on for that long that nobody ends the call. */
const staysActive = async (callId: string, ms: number, meanwhile: () => Promise<unknown> = () => Promise.resolve(), at = server) => {
  const endAt = performance.now() + ms;
  await until(
    'the time to pass',
    async () => {
      await meanwhile();
      expect(await stored(callId, at)).toMatchObject({ status: 'ACTIVE' });
      return performance.now() > endAt;
    },
    { withinMs: ms + 5_000, everyMs: 100 },
  );
};
const marks = async (device: Device, callId: string) =>
  (await device.timeline(callId)).filter(({ kind }) => kind.startsWith('SIGNALING_')).map(({ kind, deviceId }) => ({ kind, deviceId }));
const down = (device: Device) => ({ kind: 'SIGNALING_DOWN', deviceId: device.id });
const up = (device: Device) => ({ kind: 'SIGNALING_UP', deviceId: device.id });

for (const who of ['caller', 'callee'] as const) {
  test.concurrent(`an active call ends SIGNALING_LOST, by nobody, once, when the device of the ${who} is away`, async () => {
    const { ana, ben, callId } = await twoInACall(server);
    const [lost, there] = who === 'caller' ? [ana, ben] : [ben, ana];
    lost.cut();
    const cutAt = performance.now();
    const { call } = await until('the end', () => there.changes.find(({ change }) => change === 'ENDED'), { withinMs: 12_000 });
    expect(call).toMatchObject({ id: callId, status: 'ENDED', endReason: 'SIGNALING_LOST', endedBy: null, missed: false });
    expect(performance.now() - cutAt).toBeGreaterThan(lostSeconds * 1_000);
    expect((await there.timeline(callId)).filter(({ kind }) => kind === 'ENDED')).toMatchObject([{ user: null, deviceId: null }]);
    await lost.comeBack();
    expect((await lost.heard('ENDED', callId)).call).toMatchObject({ endReason: 'SIGNALING_LOST' });
    for (const device of [ana, ben]) expect(device.changes.filter(({ change }) => change === 'ENDED')).toHaveLength(1);
    expect(await there.ring(await signUp(server))).toMatchObject({ status: 'CREATED' });
  });
}

test.concurrent('authenticated requests over HTTP keep a call whose device has no socket, until they cease', async () => {
  const [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  await ana.connect();
  const { id } = await ana.ring(ben);
  await ben.accept(id);
  await staysActive(id, lostSeconds * 2_500, () => ben.ask('{ me { id } }'));
  const ceasedAt = performance.now();
  await ended(id);
  expect(performance.now() - ceasedAt).toBeGreaterThan(lostSeconds * 1_000 * 0.7);
  expect(await ana.call(id)).toMatchObject({ endReason: 'SIGNALING_LOST' });
});

test.concurrent('requests of another device of the same user, or of nobody, do not keep a call', async () => {
  const { ana, ben, callId } = await twoInACall(server);
  const tablet = await ben.another('tablet');
  await tablet.connect();
  ben.cut();
  await until('the end', async () => (await tablet.call(callId))?.status === 'ENDED', { withinMs: 12_000, everyMs: 100 });
  expect(await ana.call(callId)).toMatchObject({ endReason: 'SIGNALING_LOST' });
});

test.concurrent('a call that only rings is not touched, however long its devices are away', async () => {
  const [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  const ringing = await ana.ring(ben);
  const silent = await twoInACall(server);
  await seemLongAgo(server, [ana, ben]);
  silent.ana.cut();
  await ended(silent.callId);
  expect(await stored(ringing.id)).toEqual({ status: 'CREATED', end_reason: null });
});

test.concurrent(
  'a reload leaves no trace in the timeline, a device that stays away does, and so does its return',
  { timeout: 30_000 },
  async () => {
    const patient = await startServer({ SIGNALING_LOST_SECONDS: '9' });
    const { ana, ben, callId } = await twoInACall(patient);
    ana.cut();
    await ana.comeBack();
    ben.cut();
    const cutAt = Date.now();
    await until('DOWN', async () => (await marks(ana, callId)).length > 0, { withinMs: 9_000, everyMs: 100 });
    expect(Date.now() - cutAt).toBeGreaterThanOrEqual(graceMs);
    expect(await marks(ana, callId)).toEqual([down(ben)]);
    const entry = (await ana.timeline(callId)).at(-1);
    expect(Math.abs(Date.parse(entry?.at ?? '') - cutAt)).toBeLessThan(1_000);
    expect(entry).toMatchObject({ kind: 'SIGNALING_DOWN', user: { id: ben.userId }, bytes: null, detail: null });
    await ben.comeBack();
    await until('UP', async () => (await marks(ana, callId)).length > 1);
    expect(await marks(ana, callId)).toEqual([down(ben), up(ben)]);
    // It came back in time: the call goes on past the moment at which it would have ended.
    await staysActive(callId, 9_500 - (Date.now() - cutAt), undefined, patient);
    await patient.stop();
  },
);

test.concurrent('who connects for the first time in the middle of a call, or says goodbye to a second socket, leaves no trace', async () => {
  const [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  await ana.connect();
  const { id } = await ana.ring(ben);
  await ben.accept(id);
  await ben.connect();
  const second = ben.at(server);
  await second.connect();
  await until('its presence to be written', async () => {
    const rows = await runSql(server.databaseUrl, 'SELECT 1 FROM device_presence WHERE device_id = $1', [ben.id]);
    return rows.length > 0;
  });
  await second.leave();
  await ben.leave();
  await until('DOWN', async () => (await marks(ana, id)).length > 0);
  expect(await marks(ana, id)).toEqual([down(ben)]);
});

test('a node that has just started ends nothing before it has looked on for as long itself', async () => {
  const before = await startServer();
  const { ana, ben, callId } = await twoInACall(before);
  await before.stop();
  await seemLongAgo(before, [ana, ben]);
  await runSql(before.databaseUrl, "UPDATE node_lease SET renewed_at = renewed_at - interval '1 hour'");
  const seconds = 3;
  const node = await startServerForTest({ DATABASE_URL: before.databaseUrl, SIGNALING_LOST_SECONDS: `${seconds}` });
  await ended(callId, node);
  const [call] = await runSql<{ waited: boolean; end_reason: string }>(
    node.databaseUrl,
    `SELECT end_reason, ended_at >= (SELECT max(held_since) FROM node_lease) + make_interval(secs => ${seconds}) AS waited FROM call WHERE id = $1`,
    [callId],
  );
  expect(call).toEqual({ waited: true, end_reason: 'SIGNALING_LOST' });
});

test('of two nodes that look at once one ends the call', async () => {
  const [one, other] = [server, await startServerForTest({ DATABASE_URL: server.databaseUrl, SIGNALING_LOST_SECONDS: `${lostSeconds}` })];
  const { ana, ben, callId } = await twoInACall(one);
  ana.cut();
  await until('the end', () => ben.changes.some(({ change }) => change === 'ENDED'), { withinMs: 12_000 });
  expect((await ben.at(other).timeline(callId)).filter(({ kind }) => kind === 'ENDED')).toHaveLength(1);
});
