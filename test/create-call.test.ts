import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp } from './support/device.js';
import { letRingOut } from './support/meddle.js';
import { startServer, type TestServer } from './support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const people = (...names: string[]) => Promise.all(names.map((name) => signUp(server, name)));

test('a new call rings for a minute unless it says otherwise, and both parties hear of it', async () => {
  const [ana, ben] = await people('ana', 'ben');
  await Promise.all([ana!.connect(), ben!.connect()]);
  const call = await ana!.ring(ben!, { media: 'AUDIO', metadata: '{"topic":"lunch"}' });
  expect(call).toMatchObject({ direction: 'OUTGOING', media: 'AUDIO', metadata: '{"topic":"lunch"}', status: 'CREATED', missed: false });
  expect(call).toMatchObject({ caller: { id: ana!.userId }, callee: { id: ben!.userId }, callerDeviceId: ana!.id, calleeDeviceId: null });
  expect(call).toMatchObject({ endReason: null, endedBy: null, ringingAt: null, answeredAt: null, endedAt: null });
  expect(Date.parse(call.ringExpiresAt) - Date.parse(call.createdAt)).toBe(60_000);
  await ana!.heard('CREATED', call.id);
  expect((await ben!.heard('CREATED', call.id)).call).toMatchObject({ direction: 'INCOMING', media: 'AUDIO' });
  expect(await ana!.activeCalls()).toMatchObject([{ id: call.id, direction: 'OUTGOING' }]);
  expect(await ben!.activeCalls()).toMatchObject([{ id: call.id, direction: 'INCOMING' }]);
});

test('a callee who is in a call is busy: an outcome in both histories, missed by the callee, and nothing rings', async () => {
  const [ana, ben, cleo] = await people('ana', 'ben', 'cleo');
  const standing = await cleo!.ring(ben!);
  await Promise.all([ana!.connect(), ben!.connect()]);
  const busy = await ana!.ring(ben!);
  expect(busy).toMatchObject({ status: 'ENDED', endReason: 'BUSY', endedBy: null, missed: false, ringingAt: null });
  expect(busy.endedAt).toBe(busy.createdAt);
  for (const device of [ana!, ben!]) {
    await device.heard('ENDED', busy.id);
    expect(device.changes.filter(({ call }) => call.id === busy.id).map(({ change }) => change)).toEqual(['ENDED']);
  }
  expect((await ana!.history()).edges[0]?.node).toMatchObject({ id: busy.id, endReason: 'BUSY', missed: false });
  expect((await ben!.history({ missed: true })).edges.map(({ node }) => node.id)).toEqual([busy.id]);
  expect(await ben!.activeCalls()).toMatchObject([{ id: standing.id }]);
  expect(await ana!.activeCalls()).toEqual([]);
});

test('a caller who is in a call, if it only rings, is told which one, and nothing is created', async () => {
  const [ana, ben, cleo] = await people('ana', 'ben', 'cleo');
  const first = await ana!.ring(ben!);
  const refused = { extensions: { code: 'ALREADY_IN_CALL', callId: first.id } };
  await expect(ana!.ring(cleo!)).rejects.toMatchObject(refused);
  await expect(ana!.ring(ben!)).rejects.toMatchObject(refused);
  await expect(ben!.ring(cleo!)).rejects.toMatchObject(refused);
  await ben!.accept(first.id);
  await expect(ben!.ring(ana!)).rejects.toMatchObject(refused);
  await expect((await ana!.another('laptop')).ring(cleo!)).rejects.toMatchObject(refused);
  expect((await ana!.history()).edges).toHaveLength(1);
  expect((await cleo!.history()).edges).toHaveLength(0);
});

test('of two who call each other the later one gets the standing call, incoming and answered by the device that asked', async () => {
  const [ana, ben] = await people('ana', 'ben');
  const tablet = await ben!.another('tablet');
  await Promise.all([ana!.connect(), ben!.connect(), tablet.connect()]);
  const standing = await ana!.ring(ben!, { media: 'AUDIO', metadata: "ana's" });
  const answered = await tablet.ring(ana!, { media: 'VIDEO', metadata: "ben's", key: 'k' });
  expect(answered).toMatchObject({ id: standing.id, direction: 'INCOMING', status: 'ACTIVE', calleeDeviceId: tablet.id });
  expect(answered).toMatchObject({ media: 'AUDIO', metadata: "ana's" });
  expect((await ana!.heard('ANSWERED', standing.id)).call).toMatchObject({ direction: 'OUTGOING', status: 'ACTIVE' });
  await Promise.all([tablet.heard('ANSWERED', standing.id), ben!.heard('ANSWERED_ELSEWHERE', standing.id)]);
  expect(await tablet.ring(ana!, { media: 'VIDEO', metadata: "ben's", key: 'k' })).toMatchObject({ id: standing.id });
  expect((await ben!.history()).edges).toHaveLength(1);
});

test('two who call each other at the very same time are in one call', async () => {
  for (let round = 0; round < 20; round += 1) {
    const [ana, ben] = await people('ana', 'ben');
    const [hers, his] = await Promise.all([ana!.ring(ben!), ben!.ring(ana!)]);
    expect(hers.id).toBe(his.id);
    expect([hers.direction, his.direction].toSorted()).toEqual(['INCOMING', 'OUTGOING']);
    expect(await ana!.activeCalls()).toMatchObject([{ id: hers.id, status: 'ACTIVE' }]);
    expect(await ben!.activeCalls()).toMatchObject([{ id: hers.id, status: 'ACTIVE' }]);
  }
});

test('where three call around at once, nobody ends up in two calls and each knows the outcome', async () => {
  for (let round = 0; round < 10; round += 1) {
    const [ana, ben, cleo] = await people('ana', 'ben', 'cleo');
    const results = await Promise.allSettled([ana!.ring(ben!), ben!.ring(ana!), cleo!.ring(ana!), ben!.ring(cleo!)]);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ extensions: { code: 'ALREADY_IN_CALL' } });
    }
    const live = await Promise.all([ana!, ben!, cleo!].map((device) => device.activeCalls()));
    for (const calls of live) expect(calls.length).toBeLessThanOrEqual(1);
    const parties = live.flat().map(({ id }) => id);
    for (const id of new Set(parties)) expect(parties.filter((it) => it === id)).toHaveLength(2);
  }
});

test('a key is the same call again, also after the end, and another request with it is refused', async () => {
  const [ana, ben, cleo] = await people('ana', 'ben', 'cleo');
  const request = { key: 'once', metadata: 'm', ringSeconds: 30 } as const;
  const [first, same] = await Promise.all([ana!.ring(ben!, request), ana!.ring(ben!, request)]);
  expect(same.id).toBe(first.id);
  const refused = { extensions: { code: 'BAD_INPUT', field: 'key' } };
  const askOtherwise = async () => {
    await expect(ana!.ring(cleo!, request)).rejects.toMatchObject(refused);
    await expect(ana!.ring(ben!, { ...request, metadata: 'other' })).rejects.toMatchObject(refused);
    await expect(ana!.ring(ben!, { ...request, media: 'DATA' })).rejects.toMatchObject(refused);
    await expect(ana!.ring(ben!, { ...request, ringSeconds: 31 })).rejects.toMatchObject(refused);
  };
  await askOtherwise();
  await ana!.end(first.id);
  expect(await ana!.ring(ben!, request)).toMatchObject({ id: first.id, status: 'ENDED', endReason: 'CANCELLED' });
  await askOtherwise();
  expect((await cleo!.ring(ben!, request)).id).not.toBe(first.id);
});

test('a key stands for the request, not for how its ids are written or its defaults spelled out', async () => {
  const [ana, ben] = await people('ana', 'ben');
  const first = await ana!.ring(ben!, { key: 'k' });
  const again = await ana!.ring(ben!, { key: 'k', calleeId: ben!.userId.toUpperCase(), media: 'VIDEO', ringSeconds: 60, metadata: null });
  expect(again.id).toBe(first.id);
});

test('the key of a call that was busy is the same busy call', async () => {
  const [ana, ben, cleo] = await people('ana', 'ben', 'cleo');
  const standing = await cleo!.ring(ben!);
  const busy = await ana!.ring(ben!, { key: 'k' });
  await cleo!.end(standing.id);
  expect(await ana!.ring(ben!, { key: 'k' })).toMatchObject({ id: busy.id, endReason: 'BUSY' });
  expect(await ana!.ring(ben!)).toMatchObject({ status: 'CREATED' });
});

test('calls that rang out, on either side, do not stand in the way of a new one', async () => {
  const [ana, ben, cleo, dora] = await people('ana', 'ben', 'cleo', 'dora');
  const [hers, his] = [await ana!.ring(cleo!), await dora!.ring(ben!)];
  await Promise.all([letRingOut(server, hers.id), letRingOut(server, his.id)]);
  expect(await ana!.ring(ben!)).toMatchObject({ status: 'CREATED' });
  expect(await cleo!.call(hers.id)).toMatchObject({ endReason: 'NO_ANSWER', missed: true });
  expect(await ben!.call(his.id)).toMatchObject({ endReason: 'NO_ANSWER', missed: true });
});

test.for([
  ['BAD_INPUT', 'ringSeconds', { ringSeconds: 4 }],
  ['BAD_INPUT', 'ringSeconds', { ringSeconds: 181 }],
  ['BAD_INPUT', 'metadata', { metadata: 'a\0b' }],
  ['BAD_INPUT', 'metadata', { metadata: 'a\ud800b' }],
  ['LIMIT_EXCEEDED', 'metadata', { metadata: 'x'.repeat(1_025) }],
  ['LIMIT_EXCEEDED', 'metadata', { metadata: 'ä'.repeat(513) }],
  ['BAD_INPUT', 'key', { key: '' }],
  ['BAD_INPUT', 'key', { key: 'k'.repeat(65) }],
  ['BAD_INPUT', 'key', { key: 'ä'.repeat(33) }],
  ['NOT_FOUND', 'calleeId', { calleeId: randomUUID() }],
  ['NOT_FOUND', 'calleeId', { calleeId: 'nobody' }],
] as const)('a fault is named: %s on %s for %j', async ([code, field, fault]) => {
  const [ana, ben] = await people('ana', 'ben');
  const limit = code === 'LIMIT_EXCEEDED' ? { limit: 'LIMIT_METADATA_BYTES' } : {};
  await expect(ana!.ring(ben!, fault)).rejects.toMatchObject({ extensions: { code, field, ...limit } });
  expect(await ana!.activeCalls()).toEqual([]);
});

test('nobody calls themselves, however the id is written', async () => {
  const [ana] = await people('ana');
  for (const calleeId of [ana!.userId, ana!.userId.toUpperCase()]) {
    await expect(ana!.ring(ana!, { calleeId })).rejects.toMatchObject({ extensions: { code: 'BAD_INPUT', field: 'calleeId' } });
  }
});

test.for([
  { ringSeconds: 5 },
  { ringSeconds: 180 },
  { metadata: 'ä'.repeat(512) },
  { metadata: '' },
  { key: 'k' },
  { key: 'ä'.repeat(32) },
])('the limits themselves are allowed: %j', async (input) => {
  const [ana, ben] = await people('ana', 'ben');
  expect(await ana!.ring(ben!, input)).toMatchObject({ status: 'CREATED', ...('metadata' in input ? input : {}) });
});
