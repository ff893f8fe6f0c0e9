import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp } from './support/device.js';
import { letRingOut } from './support/meddle.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

async function anaRingsBen({ ringSeconds = 60 } = {}) {
  const [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  const { id } = await ana.ring(ben, { ringSeconds });
  return { ana, ben, id };
}

test('a call rings when a device of the callee has received it over its subscription', async () => {
  const { ana, ben, id } = await anaRingsBen();
  await ana.connect();
  expect(await ana.call(id)).toMatchObject({ status: 'CREATED', ringingAt: null });
  await ben.connect();
  await ben.heard('CREATED', id);
  const ringing = await ana.heard('RINGING', id);
  expect(ringing.call).toMatchObject({ status: 'RINGING', endReason: null });
  expect(ringing.call.ringingAt).not.toBeNull();
  expect((await ana.timeline(id)).at(-1)).toMatchObject({ kind: 'RINGING', user: { id: ben.userId }, deviceId: ben.id });
});

test('a call rings when a device of the callee has read it by the inbox query', async () => {
  const { ana, ben, id } = await anaRingsBen();
  const { events } = await ben.page();
  expect(events).toMatchObject([{ __typename: 'CallChanged', change: 'CREATED', call: { id } }]);
  await until('ringing', async () => (await ana.call(id))?.status === 'RINGING');
});

test('a call does not ring because the caller has received it, or because a device of the callee looked at the call', async () => {
  const { ana, ben, id } = await anaRingsBen();
  await ana.connect();
  await ana.heard('CREATED', id);
  await ana.page();
  expect(await ben.call(id)).toMatchObject({ status: 'CREATED' });
  expect(await ben.activeCalls()).toMatchObject([{ id, status: 'CREATED' }]);
  await ana.send(id, 'OFFER', 'the offer');
  expect(await ana.call(id)).toMatchObject({ status: 'CREATED' });
});

test('a call rings once, however many devices receive it', async () => {
  const { ana, ben, id } = await anaRingsBen();
  const others = await Promise.all(['tablet', 'laptop', 'watch'].map((name) => ben.another(name)));
  await Promise.all([ana.connect(), ben.connect(), ben.page(), ...others.map((device) => device.connect())]);
  await Promise.all([ben, ...others].map((device) => device.heard('RINGING', id)));
  await ana.send(id, 'CUSTOM', 'behind it all');
  await ben.received('behind it all');
  expect(ben.changes.map(({ change }) => change)).toEqual(['CREATED', 'RINGING']);
  expect((await ana.timeline(id)).filter(({ kind }) => kind === 'RINGING')).toHaveLength(1);
});

test('a call that nobody answers ends as NO_ANSWER when its time is up, by the server, once', { timeout: 15_000 }, async () => {
  const { ana, ben, id } = await anaRingsBen({ ringSeconds: 5 });
  await Promise.all([ana.connect(), ben.connect()]);
  await ben.heard('RINGING', id);
  const ended = await until('the end', () => ana.changes.find(({ change }) => change === 'ENDED'), { withinMs: 8_000 });
  expect(ended.call).toMatchObject({ id, status: 'ENDED', endReason: 'NO_ANSWER', endedBy: null, missed: false });
  const lateMs = Date.parse(ended.call.endedAt ?? '') - Date.parse(ended.call.ringExpiresAt);
  expect(lateMs).toBeGreaterThanOrEqual(0);
  expect(lateMs).toBeLessThan(2_000);
  expect((await ben.heard('ENDED', id)).call).toMatchObject({ missed: true });
  const entries = (await ana.timeline(id)).filter(({ kind }) => kind === 'ENDED');
  expect(entries).toMatchObject([{ user: null, deviceId: null, detail: null }]);
});

test('ringing outlives a caller whose socket is gone, and ends on time all the same', async () => {
  const { ana, ben, id } = await anaRingsBen();
  await Promise.all([ana.connect(), ben.connect()]);
  ana.cut();
  expect((await ben.heard('RINGING', id)).call).toMatchObject({ status: 'RINGING' });
  await letRingOut(server, id);
  expect((await ben.heard('ENDED', id)).call).toMatchObject({ endReason: 'NO_ANSWER', missed: true });
  await ana.comeBack();
  await ana.heard('ENDED', id);
});

test('many calls that ring out at once all end, each once', async () => {
  const calls = await Promise.all(Array.from({ length: 20 }, () => anaRingsBen()));
  await Promise.all(calls.map(({ id }) => letRingOut(server, id)));
  for (const { ana, id } of calls) {
    await until('the end', async () => (await ana.call(id))?.status === 'ENDED');
    expect((await ana.timeline(id)).map(({ kind }) => kind)).toEqual(['CREATED', 'ENDED']);
  }
});

test('a call that was answered does not ring out', async () => {
  const { ana, ben, id } = await anaRingsBen();
  await ben.accept(id);
  await letRingOut(server, id);
  const other = await anaRingsBen();
  await letRingOut(server, other.id);
  await until('the sweep', async () => (await other.ana.call(other.id))?.status === 'ENDED');
  expect(await ana.call(id)).toMatchObject({ status: 'ACTIVE' });
});

test('an answered or ended call that is received later does not ring again', async () => {
  const { ana, ben, id } = await anaRingsBen();
  await ben.accept(id);
  await ben.connect();
  await ben.heard('ANSWERED', id);
  await ana.send(id, 'CUSTOM', 'behind it all');
  await ben.received('behind it all');
  expect(await ana.call(id)).toMatchObject({ status: 'ACTIVE', ringingAt: null });
  expect(ben.changes.map(({ change }) => change)).toEqual(['CREATED', 'ANSWERED']);
});
