import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp, type Device } from './support/device.js';
import { watchPresence } from './support/presence.js';
import { startServer, startServerForTest, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const graceMs = 5_000;

/** Ana watches Ben, who is connected. */
async function anaWatchesBen() {
  const [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  await Promise.all([ana.connect(), ben.connect()]);
  await until('Ben to be online', () => ana.seesOnline(ben));
  const { of } = await watchPresence(ana, [ben]);
  return { ana, ben, told: () => of(ben) };
}

const goodbyes: Record<string, (device: Device) => Promise<unknown>> = {
  'closes its socket with 1000': (device) => device.leave(),
  'logs out': (device) => device.logOut(),
  'logs out on its socket': (device) => device.socket.query('mutation { logout }').catch(() => undefined),
  'is revoked': async (device) => {
    const tablet = await device.another('tablet');
    await tablet.ask('mutation ($id: ID!) { revokeDevice(id: $id) }', { id: device.id });
  },
  'logs out a moment after its socket was cut': async (device) => {
    device.cut();
    await device.logOut();
  },
};
test.concurrent.for(Object.entries(goodbyes))(
  'a user is online while connected, and offline within 2 seconds after the device %s',
  async ([, act]) => {
    const { ana, ben, told } = await anaWatchesBen();
    expect(told()).toEqual([true]);
    await act(ben);
    await until('Ben to be offline', () => told().length === 2, { withinMs: 5_000 });
    expect(told()).toEqual([true, false]);
    expect(await ana.seesOnline(ben)).toBe(false);
  },
);

test.concurrent('a device whose socket was cut is offline after 5 seconds and not before', async () => {
  const { ana, ben, told } = await anaWatchesBen();
  ben.cut();
  const cutAt = performance.now();
  await until(
    'Ben to be offline',
    async () => {
      const online = await ana.seesOnline(ben);
      if (performance.now() - cutAt < graceMs) expect(online).toBe(true);
      return !online;
    },
    { withinMs: graceMs + 2_000, everyMs: 100 },
  );
  expect(performance.now() - cutAt).toBeGreaterThanOrEqual(graceMs);
  await until('Ana to be told', () => told().length === 2, { withinMs: 5_000 });
});

test.concurrent('a reload, or a change of networks, does not flap', async () => {
  const { ana, ben, told } = await anaWatchesBen();
  for (let round = 0; round < 3; round += 1) {
    ben.cut();
    await ben.comeBack();
  }
  const cleo = await signUp(server);
  await cleo.connect();
  await until('Cleo to be online', () => ana.seesOnline(cleo));
  cleo.cut();
  await until('Cleo to be offline', async () => !(await ana.seesOnline(cleo)), { withinMs: graceMs + 2_000, everyMs: 100 });
  expect(told()).toEqual([true]);
  expect(await ana.seesOnline(ben)).toBe(true);
});

test.concurrent('a user with two devices is online until the last of them has left; each device is online for itself', async () => {
  const { ben, told } = await anaWatchesBen();
  const tablet = await ben.another('tablet');
  const laptop = await ben.another('laptop');
  const online = async () => {
    const { devices } = await laptop.ask<{ devices: { id: string; online: boolean }[] }>('{ devices { id online } }');
    return [ben, tablet, laptop].map(({ id }) => devices.find((device) => device.id === id)?.online);
  };
  await tablet.connect();
  await until('the tablet to be online', async () => (await online())[1]);
  expect(await online()).toEqual([true, true, false]);
  await ben.leave();
  await until('the phone to be offline', async () => !(await online())[0], { withinMs: 5_000 });
  expect(await online()).toEqual([false, true, false]);
  expect(told()).toEqual([true]);
  await tablet.leave();
  await until('Ben to be offline', () => told().length === 2, { withinMs: 5_000 });
  expect(await online()).toEqual([false, false, false]);
});

test.concurrent('presence tells the state of each user at once, once each, and then each change', async () => {
  const [ana, ben, cleo, dora] = await Promise.all(['ana', 'ben', 'cleo', 'dora'].map((name) => signUp(server, name)));
  await Promise.all([ana!.connect(), cleo!.connect()]);
  await until('Cleo to be online', () => ana!.seesOnline(cleo!));
  const { seen, of } = await watchPresence(ana!, [ben!, cleo!, dora!, cleo!].slice(0, 3));
  expect(seen.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual(
    [ben!, cleo!, dora!]
      .map(({ userId }) => ({ id: userId, online: userId === cleo!.userId }))
      .toSorted((a, b) => a.id.localeCompare(b.id)),
  );
  await ben!.connect();
  await until('Ben to come', () => of(ben!).length === 2, { withinMs: 5_000 });
  await ben!.leave();
  await until('Ben to go', () => of(ben!).length === 3, { withinMs: 5_000 });
  expect(of(ben!)).toEqual([false, true, false]);
  expect(of(dora!)).toEqual([false]);
  expect(of(cleo!)).toEqual([true]);
});

test.concurrent('presence tells of somebody who is connected to another node, and of their leaving it', async () => {
  const { ana, ben, told } = await anaWatchesBen();
  const other = await startServer({ DATABASE_URL: server.databaseUrl });
  await ben.leave();
  await until('Ben to go', () => told().length === 2, { withinMs: 5_000 });
  await ben.comeBack(other);
  await until('Ben to come', () => told().length === 3, { withinMs: 5_000 });
  await ben.leave();
  await until('Ben to go again', () => told().length === 4, { withinMs: 5_000 });
  expect(told()).toEqual([true, false, true, false]);
  expect(await ana.seesOnline(ben)).toBe(false);
  await other.stop();
});

const watch = 'subscription ($userIds: [ID!]!) { presence(userIds: $userIds) { id online } }';
const refusal = (device: Device, userIds: string[]) =>
  new Promise((resolve, reject) => device.socket.subscribe({ query: watch, variables: { userIds } }, reject, resolve));

test.concurrent('presence is of 1 to 100 users who exist', async () => {
  const ana = await signUp(server);
  await ana.connect();
  const refused = { extensions: { code: 'BAD_INPUT', field: 'userIds' } };
  const many = (count: number) => Array.from({ length: count }, () => ana.userId);
  expect(await refusal(ana, [])).toMatchObject(refused);
  expect(await refusal(ana, many(101))).toMatchObject(refused);
  expect(await refusal(ana, [ana.userId, randomUUID()])).toMatchObject(refused);
  expect(await refusal(ana, ['nobody'])).toMatchObject(refused);
  // It is told of once more where it changes.
  await until('ana to be online', () => ana.seesOnline(ana));
  const told: unknown[] = [];
  ana.socket.subscribe({ query: watch, variables: { userIds: [ana.userId.toUpperCase(), ...many(99)] } }, (data) => told.push(data));
  await until('the one state', () => told.length > 0);
  expect(told).toEqual([{ presence: { id: ana.userId, online: expect.any(Boolean) } }]);
});

test('a viewer watches LIMIT_WATCHED_PER_USER users, over all devices, and has room again where a subscription ends', async () => {
  const strict = await startServerForTest({ LIMIT_WATCHED_PER_USER: '3' });
  const [ana, ben, cleo] = (await Promise.all([signUp(strict), signUp(strict), signUp(strict)])) as [Device, Device, Device];
  const tablet = await ana.another('tablet');
  await Promise.all([ana.connect(), tablet.connect()]);
  const told: unknown[] = [];
  const end = ana.socket.subscribe({ query: watch, variables: { userIds: [ben.userId, cleo.userId] } }, (data) => told.push(data));
  await until('the states', () => told.length === 2);
  const refused = { extensions: { code: 'LIMIT_EXCEEDED', limit: 'LIMIT_WATCHED_PER_USER', field: 'userIds' } };
  expect(await refusal(tablet, [ben.userId, cleo.userId])).toMatchObject(refused);
  expect((await watchPresence(tablet, [ben])).of(ben)).toEqual([false]);
  expect(await refusal(tablet, [ben.userId])).toMatchObject(refused);
  end();
  await until('room', async () => (await watchPresence(tablet, [cleo]).catch(() => null)) !== null);
});

test.concurrent('somebody who blocked the viewer is never online to them, and is again after unblocking; others see them', async () => {
  const { ana, ben, told } = await anaWatchesBen();
  const cleo = await signUp(server, 'cleo');
  await ben.block(ana);
  expect(await ana.seesOnline(ben)).toBe(false);
  expect(await cleo.seesOnline(ben)).toBe(true);
  expect(await ben.seesOnline(ana)).toBe(true);
  await until('Ben to seem offline', () => told().length === 2, { withinMs: 5_000 });
  await ben.leave();
  await until('Ben to be offline', async () => !(await cleo.seesOnline(ben)), { withinMs: 5_000 });
  await ben.connect();
  await until('Ben to be back', () => cleo.seesOnline(ben), { withinMs: 5_000 });
  expect((await watchPresence(ana, [ben])).of(ben)).toEqual([false]);
  expect(told()).toEqual([true, false]);
  await ben.unblock(ana);
  expect(await ana.seesOnline(ben)).toBe(true);
  await until('Ben to be online again', () => told().length === 3, { withinMs: 5_000 });
  expect(told()).toEqual([true, false, true]);
});
