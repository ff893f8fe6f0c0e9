import { afterAll, beforeAll, expect, test } from 'vitest';
import { refreshSessionOperation } from '../src/client/operations.js';
import { run, type ApiError } from './support/api.js';
import { signUp, type Device } from './support/device.js';
import { RawSocket } from './support/raw-socket.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let here: TestServer;
let there: TestServer;
beforeAll(async () => {
  here = await startServer();
  there = await startServer({ DATABASE_URL: here.databaseUrl });
});
afterAll(() => Promise.all([here.stop(), there.stop()]));

async function isRefused(device: Device): Promise<boolean> {
  const answer = await device.activeCalls().catch((error: ApiError) => error);
  return 'code' in answer && answer.code === 'UNAUTHENTICATED';
}

/** On both nodes: its sockets are closed, its token is refused over HTTP, and opens no other socket. */
async function expectEndWithin2s(device: Device, act: () => Promise<unknown>): Promise<void> {
  const sockets = await Promise.all([here, there].map(({ webSocketUrl }) => RawSocket.connect(webSocketUrl, device.token)));
  await act();
  const endedAt = performance.now();
  for (const { closed } of [device.socket, ...sockets]) expect(await closed).toMatchObject({ code: 4403 });
  for (const node of [here, there]) {
    await until('the token to be refused', () => isRefused(device.at(node)));
    const late = new RawSocket(node.webSocketUrl);
    await late.send({ type: 'connection_init', payload: { Authorization: `Bearer ${device.token}` } });
    expect(await late.closed).toMatchObject({ code: 4403 });
  }
  expect(performance.now() - endedAt).toBeLessThan(2_000);
}

test.concurrent('a device that logs out on one node is signed out on both within 2 seconds', async () => {
  const phone = await signUp(here);
  const tablet = await phone.another('tablet');
  await Promise.all([phone.connect(), tablet.connect()]);
  await expectEndWithin2s(phone, () => phone.at(there).logOut());
  expect(await tablet.socket.query('{ me { id } }')).toEqual({ me: { id: phone.userId } });
});

test.concurrent('a device that is revoked, or whose password is changed, on one node is signed out on both within 2 seconds', async () => {
  const phone = await signUp(here);
  const [tablet, laptop] = await Promise.all([phone.another('tablet'), phone.another('laptop')]);
  await Promise.all([phone.connect(), tablet.connect(), laptop.connect()]);
  const elsewhere = phone.at(there);
  await expectEndWithin2s(tablet, () => elsewhere.ask('mutation ($id: ID!) { revokeDevice(id: $id) }', { id: tablet.id }));
  const change = 'mutation { changePassword(current: "correct horse", next: "another horse") { expiresAt } }';
  await expectEndWithin2s(laptop, () => elsewhere.ask(change));
  expect(await phone.socket.query('{ me { id } }')).toEqual({ me: { id: phone.userId } });
});

const refreshAt = async ({ url }: TestServer, refreshToken: string) =>
  (await run(url, null, refreshSessionOperation, { refreshToken })).refreshSession;

test.concurrent('a device whose refresh token is used a second time on one node is signed out on both within 2 seconds', async () => {
  const phone = await signUp(here);
  const tablet = await phone.another('tablet');
  await Promise.all([phone.connect(), tablet.connect()]);
  const { refreshToken } = await refreshAt(there, (await refreshAt(here, phone.session.refreshToken)).refreshToken);
  const reuse = () => expect(refreshAt(there, phone.session.refreshToken)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expectEndWithin2s(phone, reuse);
  await expect(refreshAt(here, refreshToken)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await tablet.socket.query('{ me { id } }')).toEqual({ me: { id: phone.userId } });
});

test.concurrent('a refresh whose answer was lost is retried at the other node, and gives the session on', async () => {
  const phone = await signUp(here);
  const lost = await refreshAt(here, phone.session.refreshToken);
  const retried = await refreshAt(there, phone.session.refreshToken);
  expect(retried.refreshToken).toBe(lost.refreshToken);
  expect((await refreshAt(here, retried.refreshToken)).device.id).toBe(phone.id);
});

test.concurrent('a token that is in use on one node, without a socket, is refused there within 2 seconds of its logout on the other', async () => {
  const phone = await signUp(here);
  expect(await isRefused(phone)).toBe(false);
  const ended = phone
    .at(there)
    .logOut()
    .then(() => performance.now());
  await until('the token to be refused', () => isRefused(phone));
  expect(performance.now() - (await ended)).toBeLessThan(2_000);
});
