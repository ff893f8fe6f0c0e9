import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { post } from './support/api.js';
import { signUp, twoInACall, type Device } from './support/device.js';
import { startServer, startServerForTest, type TestServer } from './support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const ask = (device: Device, query: string, variables: object = {}, at = server) =>
  post<Record<string, unknown>>(at.url, device.token, query, variables);
const revoke = 'mutation ($id: ID!) { revokeDevice(id: $id) }';
const changePassword =
  'mutation ($current: String!, $next: String!) { changePassword(current: $current, next: $next) { accessToken refreshToken device { current } } }';
const refresh = 'mutation ($refreshToken: String!) { refreshSession(refreshToken: $refreshToken) { accessToken device { id current } } }';

test('a device that logs out hangs up, its socket is closed and its token is worth nothing', async () => {
  const { ana, ben, callId } = await twoInACall(server);
  expect((await ask(ana, 'mutation { logout }')).body).toEqual({ data: { logout: true } });
  expect(await ana.socket.closed).toMatchObject({ code: 4403 });
  expect((await ben.heard('ENDED', callId)).call).toMatchObject({ status: 'ENDED', endReason: 'HUNG_UP' });
  expect((await ask(ana, '{ me { id } }')).body.errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  expect((await ask(ana, refresh, { refreshToken: ana.session.refreshToken })).body.errors?.[0]?.extensions).toMatchObject({
    code: 'UNAUTHENTICATED',
  });
  await ben.leave();
});

test('a revoked device is cut off, and its call is terminated', async () => {
  const { ana, ben, callId } = await twoInACall(server);
  const tablet = await ana.another('tablet');
  const { body } = await ask(tablet, '{ devices { id name current } }');
  expect(body.data?.['devices']).toEqual(
    expect.arrayContaining([
      { id: ana.id, name: 'phone', current: false },
      { id: tablet.id, name: 'tablet', current: true },
    ]),
  );
  expect((await ask(tablet, revoke, { id: ana.id })).body).toEqual({ data: { revokeDevice: true } });
  expect(await ana.socket.closed).toMatchObject({ code: 4403 });
  expect((await ben.heard('ENDED', callId)).call).toMatchObject({ status: 'ENDED', endReason: 'TERMINATED' });
  await ben.leave();
});

test('a changed password cuts the other devices off, and leaves the socket of this one open', async () => {
  const phone = await signUp(server, 'changer');
  const tablet = await phone.another('tablet');
  await Promise.all([phone.connect(), tablet.connect()]);
  const { body } = await ask(phone, changePassword, { current: 'correct horse', next: 'another horse' });
  expect(body.data).toMatchObject({ changePassword: { device: { current: true } } });
  expect(await tablet.socket.closed).toMatchObject({ code: 4403 });
  expect(await phone.socket.query('{ me { username } }')).toMatchObject({ me: { username: phone.session.user.username } });
  await phone.leave();
});

test('a session renewed over HTTP lengthens the life of the socket', { timeout: 15_000 }, async () => {
  const brief = await startServerForTest({ ACCESS_TOKEN_SECONDS: '3' });
  const [renewing, other] = await Promise.all([signUp(brief, 'renewing'), signUp(brief, 'other')]);
  await Promise.all([renewing.connect(), other.connect()]);
  const startedAt = performance.now();
  const expiresAtMs = Date.parse(renewing.session.expiresAt as string);
  await vi.waitUntil(() => Date.now() > expiresAtMs - 1_500, { timeout: 5_000, interval: 50 });
  expect((await ask(renewing, refresh, { refreshToken: renewing.session.refreshToken }, brief)).body.data).toMatchObject({
    refreshSession: { device: { id: renewing.id, current: true } },
  });
  expect(await other.socket.closed).toMatchObject({ code: 4403 });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(await renewing.socket.query('{ me { id } }')).toEqual({ me: { id: renewing.userId } });
  expect(await renewing.socket.closed).toMatchObject({ code: 4403 });
});

test.for([
  ['id', '{ user { id } }'],
  ['username', '{ user(id: "6f1c4f0e-6f53-4a4e-9b0e-1d5f0a3a4c11", username: "ana") { id } }'],
  ['search', '{ users(search: "ab") { id } }'],
  ['first', '{ users(search: "abc", first: 101) { id } }'],
  ['first', '{ users(search: "abc", first: null) { id } }'],
  ['displayName', 'mutation { updateProfile(displayName: " ") { id } }'],
  ['next', 'mutation { changePassword(current: "correct horse", next: "short") { accessToken } }'],
])('over either transport a value that is not acceptable is named by its field: %s in %s', async ([field, query]) => {
  const device = await signUp(server, 'faulty');
  await device.connect();
  const refused = { code: 'BAD_INPUT', field };
  expect((await ask(device, query!)).body.errors?.[0]?.extensions).toMatchObject(refused);
  await expect(device.socket.query(query!)).rejects.toMatchObject({ extensions: refused });
  await device.leave();
});
