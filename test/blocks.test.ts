import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp, twoInACall, type Device } from './support/device.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const people = (...names: string[]) => Promise.all(names.map((name) => signUp(server, name))) as Promise<[Device, Device, Device]>;

interface Listed {
  id: string;
  blocked: boolean;
}
const blockedUsers = async (device: Device) =>
  (await device.ask<{ blockedUsers: Listed[] }>('{ blockedUsers { id blocked } }')).blockedUsers;
const blockUser = (device: Device, id: string) =>
  device.ask<{ blockUser: Listed }>('mutation ($id: ID!) { blockUser(id: $id) { id blocked } }', { id });
const unblockUser = (device: Device, id: string) =>
  device.ask<{ unblockUser: Listed }>('mutation ($id: ID!) { unblockUser(id: $id) { id blocked } }', { id });
const isBlocked = async (device: Device, id: string) =>
  (await device.ask<{ user: Listed }>('query ($id: ID!) { user(id: $id) { id blocked } }', { id })).user.blocked;

test('blocking is of one user by another: it can be seen by who did it, listed, and taken back', async () => {
  const [ana, ben, cleo] = await people('ana', 'ben', 'cleo');
  expect(await blockedUsers(ana)).toEqual([]);
  expect(await blockUser(ana, ben.userId)).toEqual({ blockUser: { id: ben.userId, blocked: true } });
  await blockUser(ana, cleo.userId.toUpperCase());
  await blockUser(ana, ben.userId);
  expect(await blockedUsers(ana)).toEqual([cleo, ben].map(({ userId }) => ({ id: userId, blocked: true })));
  expect(await isBlocked(ana, ben.userId)).toBe(true);
  expect(await isBlocked(await ana.another('tablet'), ben.userId)).toBe(true);
  expect(await isBlocked(ben, ana.userId)).toBe(false);
  expect(await isBlocked(cleo, ben.userId)).toBe(false);
  expect(await unblockUser(ana, ben.userId)).toEqual({ unblockUser: { id: ben.userId, blocked: false } });
  expect(await unblockUser(ana, ben.userId)).toEqual({ unblockUser: { id: ben.userId, blocked: false } });
  expect(await blockedUsers(ana)).toEqual([{ id: cleo.userId, blocked: true }]);
});

test('nobody blocks themselves, or somebody who does not exist', async () => {
  const [ana] = await people('ana');
  for (const id of [ana.userId, ana.userId.toUpperCase()]) {
    await expect(blockUser(ana, id)).rejects.toMatchObject({ extensions: { code: 'BAD_INPUT', field: 'id' } });
  }
  for (const act of [blockUser, unblockUser]) {
    for (const id of [randomUUID(), 'nobody']) await expect(act(ana, id)).rejects.toMatchObject({ extensions: { code: 'NOT_FOUND' } });
  }
  expect(await blockedUsers(ana)).toEqual([]);
});

test('who has blocked somebody cannot call them, and can again after unblocking', async () => {
  const [ana, ben] = await people('ana', 'ben');
  await ana.block(ben);
  await expect(ana.ring(ben)).rejects.toMatchObject({ extensions: { code: 'BAD_INPUT', field: 'calleeId' } });
  await ben.ring(ana, { ringSeconds: 5 });
  await expect(ana.ring(ben)).rejects.toMatchObject({ extensions: { code: 'BAD_INPUT', field: 'calleeId' } });
  expect((await ana.history()).edges).toEqual([]);
  await ana.unblock(ben);
  const [call] = await ben.activeCalls();
  await ben.end(call?.id ?? '');
  expect(await ana.ring(ben)).toMatchObject({ status: 'CREATED' });
});

/** What is different in every call is replaced: of two stories that are told alike not a byte differs. */
function plain(story: unknown): string {
  const names = new Map<string, string>();
  return JSON.stringify(story, null, 1)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'instant')
    .replaceAll(
      /[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{32}\b|(ana|ben)-\d+-\d+/g,
      (id) => names.get(id) ?? (names.set(id, `id ${names.size}`), `id ${names.size}`),
    );
}

const answer = (asked: Promise<unknown>) =>
  asked.catch((error: { code: unknown; message: string; extensions: unknown }) => ({
    code: error.code,
    message: error.message,
    extensions: error.extensions,
  }));

/** All that a caller can ask of a call to that callee, from its beginning to its end. */
async function tell(ana: Device, ben: Device, end: 'waits' | 'cancels') {
  const laptop = await ana.another('laptop');
  await ana.connect();
  const request = { key: 'k', metadata: 'm', ringSeconds: 5 } as const;
  const call = await ana.ring(ben, request);
  const { id } = call;
  const look = async () => ({
    call: await ana.call(id),
    onTheLaptop: await laptop.call(id),
    timeline: await ana.timeline(id),
    active: await ana.activeCalls(),
    history: (await ana.history()).edges.map(({ node }) => node),
    missed: (await ana.history({ missed: true })).edges,
    page: await ana.page(),
    callee: await ana.ask('query ($id: ID!) { user(id: $id) { id username online blocked } }', { id: ben.userId }),
  });
  const receipts = [
    await ana.send(id, 'OFFER', 'offer', 'once'),
    await ana.send(id, 'OFFER', 'offer', 'once'),
    await answer(ana.send(id, 'OFFER', 'another offer', 'once')),
    await ana.stream(id, 'ICE_CANDIDATE', 'candidate'),
    await answer(laptop.send(id, 'ICE_CANDIDATE', 'candidate')),
    await answer(ana.send(id, 'ANSWER', 'answer')),
  ];
  const asked = [
    await answer(ana.ring(ben, request)),
    await answer(ana.ring(ben, { ...request, ringSeconds: 6 })),
    await answer(laptop.ring(ben)),
    await answer(ana.accept(id)),
    await answer(ana.end(id, 'DECLINED')),
  ];
  const during = await look();
  if (end === 'cancels') asked.push(await ana.end(id));
  const ended = await until('the end', () => ana.changes.find(({ change }) => change === 'ENDED'), { withinMs: 10_000 });
  const lateMs = Date.parse(ended.call.endedAt ?? '') - Date.parse(ended.call.ringExpiresAt);
  asked.push(
    await answer(ana.end(id)),
    await answer(ana.ring(ben, request)),
    await answer(ana.send(id, 'OFFER', 'offer', 'once')),
    await answer(ana.send(id, 'CUSTOM', 'too late')),
  );
  return {
    call,
    ended: ended.call,
    lateMs,
    story: plain({ call, receipts, asked, during, after: await look(), heard: ana.events.slice(1) }),
  };
}

test.concurrent.for(['waits', 'cancels'] as const)(
  'a blocked caller, who %s, cannot tell the block from a callee who is offline, though the callee is there and in a call',
  { timeout: 30_000 },
  async (end) => {
    const [[ana, ben, cleo], [other, offline]] = await Promise.all([people('ana', 'ben', 'cleo'), people('ana', 'ben')]);
    await Promise.all([ben.connect(), cleo.connect()]);
    await ben.accept((await cleo.ring(ben)).id);
    await ben.block(ana);
    const [blocked, unanswered] = await Promise.all([tell(ana, ben, end), tell(other, offline, end)]);
    expect(blocked.story).toBe(unanswered.story);
    expect(blocked.call).toMatchObject({ status: 'CREATED', ringingAt: null });
    expect(ana.changes.map(({ change }) => change)).toEqual(['CREATED', 'ENDED']);
    for (const { ended, lateMs } of [blocked, unanswered]) {
      const how = end === 'waits' ? { endReason: 'NO_ANSWER', endedBy: null } : { endReason: 'CANCELLED' };
      expect(ended).toMatchObject({ status: 'ENDED', ringingAt: null, answeredAt: null, missed: false, ...how });
      if (end === 'cancels') continue;
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThan(2_000);
    }
  },
);

test.concurrent('the callee sees nothing of a blocked call, while it lasts and after it, and not after unblocking either', async () => {
  const [ana, ben, cleo] = await people('ana', 'ben', 'cleo');
  await ben.connect();
  const before = ben.lastCursor;
  await ben.block(ana);
  const { id } = await ana.ring(ben);
  await ana.send(id, 'OFFER', 'offer');
  const nothing = async () => {
    const none = randomUUID();
    expect(await ben.call(id)).toBeNull();
    expect(await ben.activeCalls()).toEqual([]);
    expect((await ben.history()).edges).toEqual([]);
    expect((await ben.page(before)).events).toEqual([]);
    expect(await ben.ask('{ missedCallCount }')).toEqual({ missedCallCount: 0 });
    for (const act of [
      (callId: string) => ben.accept(callId),
      (callId: string) => ben.end(callId),
      (callId: string) => ben.send(callId, 'ANSWER', 'answer'),
      (callId: string) => ben.send(callId, 'CUSTOM', 'custom'),
      (callId: string) => ben.ask('mutation ($id: ID!) { markCallsSeen(upTo: $id) }', { id: callId }),
    ]) {
      const refused = await answer(act(id));
      expect(refused).toMatchObject({ code: 'NOT_FOUND' });
      expect(refused).toEqual(await answer(act(none)));
    }
  };
  await nothing();
  const tablet = await ben.another('tablet');
  expect(await tablet.connect()).toMatchObject({ recovered: true, activeCalls: [] });
  await ben.unblock(ana);
  await nothing();
  await ana.end(id);
  await nothing();
  const seen = await cleo.ring(ben);
  await Promise.all([ben.heard('RINGING', seen.id), tablet.heard('RINGING', seen.id)]);
  for (const device of [ben, tablet]) {
    expect(device.events.map(({ __typename }) => __typename)).toEqual(['Ready', 'CallChanged', 'CallChanged']);
  }
  ben.cut();
  expect(await ben.connect(before)).toMatchObject({ recovered: true, activeCalls: [{ id: seen.id }] });
});

test.concurrent('a callee is not kept busy by a blocked call: others reach them, and they can call', async () => {
  const [ana, ben, cleo] = await people('ana', 'ben', 'cleo');
  await ben.block(ana);
  const hidden = await ana.ring(ben);
  const { id } = await cleo.ring(ben);
  expect(await ben.accept(id)).toMatchObject({ status: 'ACTIVE' });
  await ben.end(id);
  const own = await ben.ring(cleo);
  expect(own).toMatchObject({ status: 'CREATED' });
  expect(await cleo.accept(own.id)).toMatchObject({ status: 'ACTIVE' });
  // The caller of the blocked call is in a call, as any caller is.
  await expect(ana.ring(cleo)).rejects.toMatchObject({ extensions: { code: 'ALREADY_IN_CALL', callId: hidden.id } });
  await ana.end(hidden.id);
  expect(await ben.call(own.id)).toMatchObject({ status: 'ACTIVE' });
  expect(await ben.activeCalls()).toMatchObject([{ id: own.id }]);
});

test.concurrent('a block in the middle of a call lets the call go on, whether it is answered or still rings', async () => {
  const { ana, ben, callId } = await twoInACall(server);
  await ben.block(ana);
  await ana.send(callId, 'CUSTOM', 'from ana');
  await ben.send(callId, 'CUSTOM', 'from ben');
  await Promise.all([ben.received('from ana'), ana.received('from ben')]);
  await ana.end(callId);
  expect((await ben.heard('ENDED', callId)).call).toMatchObject({ endReason: 'HUNG_UP', endedBy: { id: ana.userId } });
  expect((await ben.history()).edges[0]?.node.id).toBe(callId);

  const [cleo, dora] = await people('cleo', 'dora');
  const { id } = await cleo.ring(dora);
  await dora.block(cleo);
  expect(await dora.accept(id)).toMatchObject({ status: 'ACTIVE', calleeDeviceId: dora.id });
  expect(await cleo.call(id)).toMatchObject({ status: 'ACTIVE' });
});

test.concurrent('who calls back while a call rings answers it, also where its caller has blocked them in between', async () => {
  const [ana, ben] = await people('ana', 'ben');
  const standing = await ben.ring(ana);
  await ben.block(ana);
  expect(await ana.ring(ben)).toMatchObject({ id: standing.id, direction: 'INCOMING', status: 'ACTIVE', calleeDeviceId: ana.id });
});
