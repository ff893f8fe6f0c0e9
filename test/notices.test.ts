import { afterAll, beforeAll, expect, test } from 'vitest';
import { refreshSessionOperation } from '../src/client/operations.js';
import { run } from './support/api.js';
import { signUp, twoInACall, type Device, type InboxEventOf } from './support/device.js';
import { startServer, startServerForTest, type TestServer } from './support/server.js';
import { until } from './support/until.js';

const lifeMs = 8_000;
let brief: TestServer;
beforeAll(async () => {
  brief = await startServer({ ACCESS_TOKEN_SECONDS: `${lifeMs / 1_000}` });
});
afterAll(() => brief.stop());

const warnings = (device: Device) => device.events.filter((event) => event.__typename === 'SessionExpiring');
const drains = (device: Device) => device.events.filter((event) => event.__typename === 'ServerDraining');
const warning = (device: Device, n = 1): Promise<InboxEventOf<'SessionExpiring'>> =>
  until(`warning ${n}`, () => warnings(device)[n - 1], { withinMs: lifeMs });

test.concurrent('a socket is told SessionExpiring at half of a short life, with when it ends and the last cursor', async () => {
  const { ana, ben, callId } = await twoInACall(brief);
  await ana.send(callId, 'CUSTOM', 'the last signal');
  const { cursor } = await ben.received('the last signal');
  const told = await warning(ben);
  const leftMs = Date.parse(told.expiresAt) - Date.now();
  expect(leftMs).toBeGreaterThan(0);
  expect(leftMs).toBeLessThan((lifeMs * 3) / 4);
  expect(told).toMatchObject({ cursor, expiresAt: ben.session.expiresAt });
  expect(await ben.socket.closed).toMatchObject({ code: 4403 });
  expect(Date.now() - Date.parse(told.expiresAt)).toBeLessThan(2_000);
  expect(warnings(ben)).toHaveLength(1);
});

test.concurrent.for(['over HTTP', 'on the socket'])(
  'a session that is refreshed %s keeps the socket, which is told of its new end later',
  { timeout: 40_000 },
  async (way) => {
    const ben = await signUp(brief, 'ben');
    await ben.connect();
    const first = await warning(ben);
    const { refreshToken } = ben.session;
    if (way === 'over HTTP') await run(brief.url, null, refreshSessionOperation, { refreshToken });
    else await ben.socket.run(refreshSessionOperation, { refreshToken });
    const refreshedAt = Date.now();
    const second = await warning(ben, 2);
    expect(Date.now() - refreshedAt).toBeGreaterThan(lifeMs / 4);
    expect(Date.parse(second.expiresAt)).toBeGreaterThan(Date.parse(first.expiresAt));
    expect(second.cursor).toBe(first.cursor);
    expect(await ben.socket.closed).toMatchObject({ code: 4403 });
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(second.expiresAt));
    expect(warnings(ben)).toHaveLength(2);
  },
);

test.concurrent('a stream that is opened later on the same socket is told too, and one of another device is told of its own', async () => {
  const phone = await signUp(brief);
  await phone.connect();
  await warning(phone);
  const late: unknown[] = [];
  phone.socket.subscribe({ query: 'subscription { inbox { __typename ... on SessionExpiring { expiresAt } } }' }, (data) =>
    late.push((data as { inbox: unknown }).inbox),
  );
  const tablet = await phone.another('tablet');
  await tablet.connect();
  await until('the late stream to be told', () => late.length === 2, { withinMs: lifeMs });
  expect(late).toEqual([{ __typename: 'Ready' }, { __typename: 'SessionExpiring', expiresAt: phone.session.expiresAt }]);
  expect((await warning(tablet)).expiresAt).toBe(tablet.session.expiresAt);
});

test.concurrent('notices repeat a position, and the inbox query knows nothing of them', async () => {
  const { ana, ben, callId } = await twoInACall(brief);
  await Promise.all([warning(ana), warning(ben)]);
  const { events } = await ben.page();
  expect(events.map(({ __typename }) => __typename)).not.toContain('SessionExpiring');
  const before = ben.events.filter(({ __typename }) => __typename !== 'SessionExpiring');
  expect(warnings(ben)[0]?.cursor).toBe(before.at(-1)?.cursor);
  // It may be stored: what comes behind it is neither lost nor repeated.
  ben.cut();
  await ana.send(callId, 'CUSTOM', 'behind it');
  expect(await ben.connect(warnings(ben)[0]?.cursor)).toMatchObject({ recovered: true });
  await ben.received('behind it');
  expect(ben.events.slice(-2).map(({ __typename }) => __typename)).toEqual(['Ready', 'SignalReceived']);
});

test('every stream of a node that stops is told ServerDraining with the last cursor, and then closed with 1012', async () => {
  const server = await startServer();
  const { ana, ben, callId } = await twoInACall(server);
  const others = await Promise.all(Array.from({ length: 20 }, () => signUp(server)));
  await Promise.all(others.map((other) => other.connect()));
  await ana.send(callId, 'CUSTOM', 'the last signal');
  const { cursor } = await ben.received('the last signal');
  const second: { cursor: string }[] = [];
  ben.socket.subscribe({ query: 'subscription { inbox { __typename cursor } }' }, (data) =>
    second.push((data as { inbox: { cursor: string } }).inbox),
  );
  await until('the replay of the second stream', () => second.at(-1)?.cursor === cursor);
  const closed = Promise.all([ana, ben, ...others].map((device) => device.socket.closed));
  await server.stop();
  for (const { code } of await closed) expect(code).toBe(1012);
  for (const device of [ana, ben, ...others]) {
    expect(drains(device)).toMatchObject([{ cursor: device === ben ? cursor : expect.any(String), reconnectAfterMs: expect.any(Number) }]);
    expect(device.events.at(-1)?.__typename).toBe('ServerDraining');
    expect(device.events.at(-1)?.cursor).toBe(device.events.at(-2)?.cursor);
  }
  expect(drains(ben)[0]?.reconnectAfterMs).toBeGreaterThan(0);
  expect(second.at(-1)).toEqual({ __typename: 'ServerDraining', cursor });
});

test('a device that was told ServerDraining goes on at another node where it was, and the query knows nothing of the notice', async () => {
  const there = await startServerForTest();
  const here = await startServer({ DATABASE_URL: there.databaseUrl });
  const { ana, ben, callId } = await twoInACall(here);
  await here.stop();
  const [told] = drains(ben);
  await ana.at(there).send(callId, 'CUSTOM', 'behind it');
  expect(await ben.comeBack(there)).toMatchObject({ recovered: true, cursor: told?.cursor, activeCalls: [{ id: callId }] });
  await ben.received('behind it');
  const { events } = await ben.page();
  expect(new Set(events.map(({ __typename }) => __typename))).toEqual(new Set(['CallChanged', 'SignalReceived']));
});

test('a stream that is not read does not keep a node from stopping', async () => {
  const server = await startServer();
  const { ana, ben, callId } = await twoInACall(server);
  ben.socket.stall();
  for (let n = 0; n < 60; n += 1) await ana.send(callId, 'CUSTOM', 'x'.repeat(32_768));
  const startedAt = performance.now();
  await server.stop();
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(drains(ana)).toHaveLength(1);
  ben.socket.resume();
});
