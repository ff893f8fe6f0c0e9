import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp } from './support/device.js';
import { runSql } from './support/database.js';
import { letRingOut, seemLongAgo } from './support/meddle.js';
import { watchPresence } from './support/presence.js';
import { ServerProcess } from './support/server-process.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let here: TestServer;
let there: TestServer;
beforeAll(async () => {
  here = await startServer();
  there = await startServer({ DATABASE_URL: here.databaseUrl });
});
afterAll(() => Promise.all([here.stop(), there.stop()]));

/** Ana is connected to one node, Ben to the other. */
async function anaHereBenThere() {
  const [ana, ben] = await Promise.all([signUp(here, 'ana'), signUp(there, 'ben')]);
  await Promise.all([ana.connect(), ben.connect()]);
  return { ana, ben };
}

/** How long each took, the middle one. Without the bus it would be half of the second between two polls. */
async function medianMs(rounds: number, round: (n: number) => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let n = 0; n < rounds; n += 1) {
    const startedAt = performance.now();
    await round(n);
    took.push(performance.now() - startedAt);
  }
  return took.toSorted((a, b) => a - b)[rounds >> 1] ?? Infinity;
}

test.concurrent('a call, its answer, its signals and its end cross from node to node', async () => {
  const { ana, ben } = await anaHereBenThere();
  const { id } = await ana.ring(ben);
  await ana.stream(id, 'OFFER', 'offer');
  expect((await ben.heard('CREATED', id)).call).toMatchObject({ direction: 'INCOMING' });
  await ben.received('offer');
  await ana.heard('RINGING', id);
  await Promise.all([ben.stream(id, 'ANSWER', 'answer'), ben.stream(id, 'ICE_CANDIDATE', 'b1'), ben.stream(id, 'ICE_CANDIDATE', 'b2')]);
  await ana.received('b2');
  await Promise.all(['a1', 'a2', 'a3'].map((payload) => ana.stream(id, 'ICE_CANDIDATE', payload)));
  await ben.received('a3');
  await ben.end(id);
  expect((await ana.heard('ENDED', id)).call).toMatchObject({ endReason: 'HUNG_UP', endedBy: { id: ben.userId } });
  expect(ana.changes.map(({ change }) => change)).toEqual(['CREATED', 'RINGING', 'ANSWERED', 'ENDED']);
  expect(ana.signals.map(({ payload }) => payload)).toEqual(['answer', 'b1', 'b2']);
  expect(ben.signals.map(({ payload }) => payload)).toEqual(['offer', 'a1', 'a2', 'a3']);
});

// Alone: beside the others it would measure them too.
test('signals and changes of the other node arrive by the bus, well before the poll that runs each second', async () => {
  const { ana, ben } = await anaHereBenThere();
  const calls = await medianMs(9, async () => {
    const { id } = await ana.ring(ben);
    await ben.heard('CREATED', id);
    await ben.end(id);
    await ana.heard('ENDED', id);
  });
  const { id } = await ana.ring(ben);
  await ben.accept(id);
  const signals = await medianMs(15, async (n) => {
    await ana.send(id, 'CUSTOM', `signal ${n}`);
    await ben.received(`signal ${n}`);
  });
  expect(signals).toBeLessThan(250);
  expect(calls).toBeLessThan(500);
});

test.concurrent('of two devices that accept at once on two nodes one wins', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { ana, ben } = await anaHereBenThere();
    const tablet = (await ben.another('tablet')).at(here);
    const { id } = await ana.ring(ben);
    const results = await Promise.allSettled([ben.accept(id), tablet.accept(id)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect((await ana.timeline(id)).filter(({ kind }) => kind === 'ANSWERED')).toHaveLength(1);
  }
});

test.concurrent('somebody who is connected to the other node is online, and offline when they have left it', async () => {
  const { ana, ben } = await anaHereBenThere();
  await until('Ben to be online', () => ana.seesOnline(ben), { withinMs: 5_000 });
  const { of } = await watchPresence(ana, [ben]);
  expect(of(ben)).toEqual([true]);
  await ben.leave();
  await until('Ben to be offline', () => of(ben).at(-1) === false, { withinMs: 5_000 });
  expect(await ana.seesOnline(ben)).toBe(false);
  await ben.connect();
  await until('Ben to be back', () => of(ben).length === 3, { withinMs: 5_000 });
  expect(of(ben)).toEqual([true, false, true]);
});

test.concurrent(
  'a session that is refreshed on one node lengthens the life of the socket on the other',
  { timeout: 60_000 },
  async ({ onTestFinished }) => {
    const brief = { ACCESS_TOKEN_SECONDS: '10' };
    const one = await startServer(brief);
    const two = await startServer({ ...brief, DATABASE_URL: one.databaseUrl });
    onTestFinished(async () => void (await Promise.all([one.stop(), two.stop()])));
    const [renewing, idle] = await Promise.all([signUp(one), signUp(one)]);
    await Promise.all([renewing.connect(), idle.connect()]);
    await until('the notice', () => renewing.events.find(({ __typename }) => __typename === 'SessionExpiring'), { withinMs: 10_000 });
    const refresh = 'mutation ($refreshToken: String!) { refreshSession(refreshToken: $refreshToken) { expiresAt } }';
    await renewing.at(two).ask(refresh, { refreshToken: renewing.session.refreshToken });
    expect(await idle.socket.closed).toMatchObject({ code: 4403 });
    expect(await renewing.socket.query('{ me { id } }')).toEqual({ me: { id: renewing.userId } });
    expect(await renewing.socket.closed).toMatchObject({ code: 4403 });
  },
);

test.concurrent.for(['is stopped', 'is killed'])(
  'a call of a node that %s rings out on the other one, once',
  async (fate, { onTestFinished }) => {
    const gone =
      fate === 'is killed'
        ? await ServerProcess.start({ environment: { DATABASE_URL: here.databaseUrl } })
        : await startServer({ DATABASE_URL: here.databaseUrl });
    onTestFinished(() => ('kill' in gone ? gone.kill() : gone.stop()));
    const [ana, ben] = await Promise.all([signUp(gone, 'ana'), signUp(there, 'ben')]);
    await ben.connect();
    const { id } = await ana.ring(ben, { ringSeconds: 5 });
    await ben.heard('RINGING', id);
    await ('kill' in gone ? gone.kill() : gone.stop());
    const { call } = await until('the end', () => ben.changes.find(({ change }) => change === 'ENDED'), { withinMs: 10_000 });
    expect(call).toMatchObject({ id, status: 'ENDED', endReason: 'NO_ANSWER', endedBy: null, missed: true });
    const lateMs = Date.parse(call.endedAt ?? '') - Date.parse(call.ringExpiresAt);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(2_000);
    expect((await ana.at(here).timeline(id)).filter(({ kind }) => kind === 'ENDED')).toHaveLength(1);
    expect(
      (await ana.at(here).page()).events.filter((event) => event.__typename === 'CallChanged' && event.change === 'ENDED'),
    ).toHaveLength(0);
  },
);

test.concurrent('of many calls that ring out while both nodes look for them each ends once', async () => {
  const [ana, ben] = await Promise.all([signUp(here, 'ana'), signUp(there, 'ben')]);
  const ids = Array.from({ length: 300 }, () => randomUUID());
  await runSql(
    here.databaseUrl,
    `INSERT INTO call (id, caller_id, callee_id, caller_device_id, media, status, created_at, ring_expires_at)
    SELECT id, $2, $3, $4, 'AUDIO', 'RINGING', now(), now() FROM unnest($1::uuid[]) AS id`,
    [ids, ana.userId, ben.userId, ana.id],
  );
  const endings = async () => {
    const text = "SELECT call_id FROM call_timeline WHERE kind = 'ENDED' AND call_id = ANY($1)";
    return (await runSql<{ call_id: string }>(here.databaseUrl, text, [ids])).map((row) => row.call_id);
  };
  await until('all to end', async () => new Set(await endings()).size === ids.length, { withinMs: 15_000, everyMs: 100 });
  expect(await endings()).toHaveLength(ids.length);
});

test.concurrent('a long call goes on where the node of its devices is stopped and they come back to another one', async () => {
  const gone = await startServer({ DATABASE_URL: here.databaseUrl });
  const [ana, ben] = await Promise.all([signUp(gone, 'ana'), signUp(gone, 'ben')]);
  await Promise.all([ana.connect(), ben.connect()]);
  const { id } = await ana.ring(ben);
  await ben.accept(id);
  await seemLongAgo(here, [ana, ben]);
  await runSql(here.databaseUrl, "UPDATE node_lease SET held_since = held_since - interval '1 hour'");
  await gone.stop();
  const other = await signUp(here);
  const silent = await other.ring(await signUp(here));
  await letRingOut(here, silent.id);
  await until('two sweeps', async () => (await other.call(silent.id))?.status === 'ENDED');
  await Promise.all([ana.comeBack(here), ben.comeBack(there)]);
  await ana.send(id, 'CUSTOM', 'still here');
  await ben.received('still here');
  expect(await ben.call(id)).toMatchObject({ status: 'ACTIVE' });
});

test.concurrent('a signal for a device that is connected to the other node is delivered LIVE, once that is known there', async () => {
  const { ana, ben } = await anaHereBenThere();
  const { id } = await ana.ring(ben);
  await ben.accept(id);
  const isLive = async () => (await ana.send(id, 'CUSTOM', 'are you there')).delivery === 'LIVE';
  await until('LIVE', isLive, { withinMs: 12_000, everyMs: 200 });
});
