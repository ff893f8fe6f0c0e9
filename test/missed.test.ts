import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EndReason } from '../src/client/gql/graphql.js';
import { signUp, type Device } from './support/device.js';
import { letRingOut } from './support/meddle.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const people = () => Promise.all(['ana', 'ben', 'cleo'].map((name) => signUp(server, name))) as Promise<[Device, Device, Device]>;
const missedCount = async (device: Device) => (await device.ask<{ missedCallCount: number }>('{ missedCallCount }')).missedCallCount;
const markSeen = async (device: Device, upTo: string) =>
  (await device.ask<{ markCallsSeen: number }>('mutation ($upTo: ID!) { markCallsSeen(upTo: $upTo) }', { upTo })).markCallsSeen;

/** Ana has called Ben in vain. */
async function missedCall(ana: Device, ben: Device): Promise<string> {
  const { id } = await ana.ring(ben);
  await ana.end(id);
  return id;
}

const waysToEnd: [EndReason, boolean, (id: string, parties: { ana: Device; ben: Device }) => Promise<unknown>][] = [
  ['CANCELLED', true, (id, { ana }) => ana.end(id)],
  ['BUSY', true, (id, { ben }) => ben.end(id, 'BUSY')],
  ['NO_ANSWER', true, (id) => letRingOut(server, id)],
  ['DECLINED', false, (id, { ben }) => ben.end(id)],
  ['MEDIA_FAILED', false, (id, { ana }) => ana.end(id, 'MEDIA_FAILED')],
  ['HUNG_UP', false, (id, { ana, ben }) => ben.accept(id).then(() => ana.end(id))],
  [
    'TERMINATED',
    false,
    async (id, { ana, ben }) => {
      const tablet = await ben.another('tablet');
      await ben.accept(id);
      await tablet.ask('mutation ($id: ID!) { revokeDevice(id: $id) }', { id: ben.id });
      await until('the end', async () => (await ana.call(id))?.status === 'ENDED');
    },
  ],
];
test.for(waysToEnd)('a call that ended %s is missed by the callee: %s, and never by the caller', async ([reason, missed, end]) => {
  const [ana, ben] = await people();
  const { id } = await ana.ring(ben);
  const callee = await ben.another('laptop');
  expect(await callee.call(id)).toMatchObject({ missed: false });
  expect(await missedCount(callee)).toBe(0);
  await end(id, { ana, ben });
  await until('the end', async () => (await ana.call(id))?.status === 'ENDED');
  expect(await callee.call(id)).toMatchObject({ endReason: reason, missed, direction: 'INCOMING' });
  expect(await ana.call(id)).toMatchObject({ endReason: reason, missed: false, direction: 'OUTGOING' });
  expect(await missedCount(callee)).toBe(missed ? 1 : 0);
  expect(await missedCount(ana)).toBe(0);
  expect((await callee.history({ missed: true })).edges).toHaveLength(missed ? 1 : 0);
});

test('a call that found the callee busy is missed', async () => {
  const [ana, ben, cleo] = await people();
  await cleo.ring(ben);
  const { id } = await ana.ring(ben);
  expect(await ben.call(id)).toMatchObject({ endReason: 'BUSY', missed: true });
  expect(await missedCount(ben)).toBe(1);
});

test('the seen marker moves forward only, whatever it is asked, and answers with what is left', async () => {
  const [ana, ben, cleo] = await people();
  const ids = [await missedCall(ana, ben), await missedCall(cleo, ben), await missedCall(ana, ben), await missedCall(ana, ben)];
  expect(await missedCount(ben)).toBe(4);
  expect(await markSeen(ben, ids[1]!)).toBe(2);
  expect(await missedCount(ben)).toBe(2);
  expect(await markSeen(ben, ids[0]!)).toBe(2);
  expect(await markSeen(ben, ids[1]!.toUpperCase())).toBe(2);
  expect(await markSeen(ben, ids[3]!)).toBe(0);
  expect(await markSeen(ben, ids[0]!)).toBe(0);
  const late = await missedCall(cleo, ben);
  expect(await missedCount(ben)).toBe(1);
  expect(await ben.call(late)).toMatchObject({ missed: true });
  // What was seen was missed all the same.
  expect((await ben.history({ missed: true })).edges).toHaveLength(5);
});

test('of several devices that move the marker at once the furthest stands, and all of them see it', async () => {
  const [ana, ben] = await people();
  const devices = [ben, await ben.another('tablet'), await ben.another('laptop')];
  const ids = [await missedCall(ana, ben), await missedCall(ana, ben), await missedCall(ana, ben), await missedCall(ana, ben)];
  await Promise.all(devices.map((device, n) => markSeen(device, ids[n]!)));
  for (const device of devices) expect(await missedCount(device)).toBe(1);
});

test('the marker is moved by any call of the viewer, and is theirs alone', async () => {
  const [ana, ben] = await people();
  await missedCall(ana, ben);
  await missedCall(ben, ana);
  const { id } = await ben.ring(ana);
  expect(await markSeen(ben, id)).toBe(0);
  expect(await missedCount(ana)).toBe(1);
  await ben.end(id);
  expect(await missedCount(ana)).toBe(2);
});

test('a call of others, or none, is NOT_FOUND alike and moves nothing', async () => {
  const [ana, ben, cleo] = await people();
  await missedCall(ana, ben);
  const strange = await missedCall(ana, cleo);
  const answers = await Promise.all(
    [strange, randomUUID(), 'nothing'].map((upTo) =>
      markSeen(ben, upTo).catch((error: { errors: unknown }) => JSON.stringify(error.errors)),
    ),
  );
  expect(new Set(answers).size).toBe(1);
  await expect(markSeen(ben, strange)).rejects.toMatchObject({ extensions: { code: 'NOT_FOUND' } });
  expect(await missedCount(ben)).toBe(1);
});
