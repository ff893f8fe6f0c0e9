import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteAccountOperation, presenceSubscription } from '../src/client/operations.js';
import { memoryStore, Switchboard, type SessionStore, type StoredSession } from '../src/client/index.js';
import { SessionKeeper } from '../src/client/session.js';
import { post } from './support/api.js';
import { phoneOf, recordingSocket, ringOf } from './support/phone.js';
import { Proxy } from './support/proxy.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
let shortLived: TestServer;
beforeAll(async () => {
  server = await startServer();
  shortLived = await startServer({ ACCESS_TOKEN_SECONDS: '4', DATABASE_URL: server.databaseUrl });
});
afterAll(async () => {
  await shortLived.stop();
  await server.stop();
});

/** A session in a store, and nobody who uses it. */
async function storedSession(at: TestServer = server): Promise<{ store: SessionStore; session: StoredSession }> {
  const store = memoryStore();
  const phone = await phoneOf(at, undefined, { store });
  await phone.close();
  return { store, session: (await store.load())! };
}

const loads = (store: SessionStore): StoredSession | null => store.load() as StoredSession | null;

test.concurrent('the application may ask for a token that is good, for requests of its own', async () => {
  const ana = await phoneOf(server);
  const { body } = await post(server.url, await ana.accessToken(), '{ me { id } }');
  expect(body.data).toEqual({ me: { id: ana.user!.id } });
  await ana.signOut();
  await expect(ana.accessToken()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test.concurrent('nobody is signed in at first, and there is no token', async () => {
  const phone = new Switchboard({ url: server.url });
  await expect(phone.accessToken()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await phone.resume()).toBe(false);
});

test.concurrent('a session that is about to end is renewed, and the socket lives on with its subscriptions', async () => {
  const { webSocket, codes } = recordingSocket();
  const store = memoryStore();
  const ana = await phoneOf(shortLived, undefined, { store, webSocket });
  // The first one, good for less than the reserve, was renewed before there was a socket.
  const { expiresAt } = loads(store)!;
  const ben = await phoneOf(server);
  const seen: boolean[] = [];
  ana.subscribe(presenceSubscription, { userIds: [ben.user!.id] }, ({ presence }) => void seen.push(presence.online));
  await until('his presence', () => seen.at(-1) === true);
  await until('the end of the session', () => Date.now() > Date.parse(expiresAt) + 1_000, { withinMs: 10_000 });
  expect(codes).toEqual([]);
  expect(Date.parse(loads(store)!.expiresAt)).toBeGreaterThan(Date.now());
  const rings = ringOf(ana);
  await ben.call(ana.user!.id);
  await rings;
  await ben.close();
  await until('his absence', () => seen.at(-1) === false);
  await ana.close();
});

test.concurrent('who comes back with a token that has run out renews it before there is a socket', async () => {
  const { store, session } = await storedSession(shortLived);
  await until('the end of the token', () => Date.now() > Date.parse(session.expiresAt), { withinMs: 10_000 });
  const { webSocket, codes } = recordingSocket();
  const phone = new Switchboard({ url: shortLived.url, createPeerConnection: null, store, webSocket });
  expect(await phone.resume()).toBe(true);
  await until('the connection', () => phone.cursor !== null);
  expect(codes).toEqual([]);
  expect(loads(store)!.refreshToken).not.toBe(session.refreshToken);
  expect(phone.user).toEqual(session.user);
  await phone.close();
});

test.concurrent('a token that the server refuses is renewed once', async () => {
  const proxy = await Proxy.start(shortLived);
  const { store, session } = await storedSession(shortLived);
  await until('the end of the token', () => Date.now() > Date.parse(session.expiresAt), { withinMs: 10_000 });
  // The tab was asleep, or the clock was set back: it takes the token for good.
  await store.save({ ...session, goodUntilMs: Date.now() + 3_600_000 });
  const { webSocket, codes } = recordingSocket();
  const phone = new Switchboard({ url: proxy.url, createPeerConnection: null, store, webSocket });
  await phone.resume();
  await until('the connection', () => phone.cursor !== null);
  expect(codes).toEqual([4403]);
  await phone.close();
  await proxy.stop();
});

test.concurrent('a device that is revoked is told that it is signed out, once, and nothing is kept', async () => {
  const store = memoryStore();
  const ana = await phoneOf(server, undefined, { store });
  const tablet = await phoneOf(server, ana);
  const ben = await phoneOf(server);
  const rings = ringOf(ana);
  await ben.call(ana.user!.id);
  const call = await rings;
  let told = 0;
  ana.on('signedOut', () => (told += 1));
  const { body } = await post(server.url, await tablet.accessToken(), 'mutation ($id: ID!) { revokeDevice(id: $id) }', {
    id: ana.device!.id,
  });
  expect(body.errors).toBeUndefined();
  await until('signedOut', () => told > 0);
  await until('the close', () => ana.connectionState === 'closed');
  expect([told, ana.user, loads(store), ana.calls]).toEqual([1, null, null, []]);
  await expect(call.send('too late')).rejects.toMatchObject({ code: 'CALL_STATE_CONFLICT' });
  expect(await ana.resume()).toBe(false);
});

test.concurrent('who deletes their account has the answer, is signed out, and nothing is kept', async () => {
  const store = memoryStore();
  const ana = await phoneOf(server, undefined, { store });
  const tablet = await phoneOf(server, ana);
  const told: string[] = [];
  ana.on('signedOut', () => told.push('ana'));
  tablet.on('signedOut', () => told.push('tablet'));
  await expect(ana.request(deleteAccountOperation, { password: 'wrong password' })).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
  expect(await ana.request(deleteAccountOperation, { password: 'correct horse' })).toEqual({ deleteAccount: true });
  await until('both to be signed out', () => told.length === 2);
  expect([ana.user, loads(store), await ana.resume(), tablet.user]).toEqual([null, null, false, null]);
});

test.concurrent('two tabs that share a session renew it once, and neither is signed out', async () => {
  const proxy = await Proxy.start(server);
  const { store } = await storedSession();
  const shared: SessionStore = { ...store, lockName: 'tabs' };
  const over: string[] = [];
  const tabs = ['one', 'other'].map((name) => new SessionKeeper({ url: proxy.url, store: shared, onOver: () => over.push(name) }));
  for (const tab of tabs) await tab.restore();
  for (let round = 1; round <= 5; round += 1) {
    await Promise.all(tabs.map((tab) => tab.renew(tab.current!.accessToken)));
    expect(proxy.timesAsked('mutation RefreshSession')).toBe(round);
    expect(new Set(tabs.map(({ current }) => current!.accessToken)).size).toBe(1);
  }
  expect(over).toEqual([]);
  await proxy.stop();
});

test.concurrent('a tab that slept takes up what another one has renewed, and renews that where it has run out too', async () => {
  const { store, session } = await storedSession();
  const [awake, asleep] = [0, 1].map(() => new SessionKeeper({ url: server.url, store, onOver: () => undefined })) as [
    SessionKeeper,
    SessionKeeper,
  ];
  await Promise.all([awake.restore(), asleep.restore()]);
  await awake.renew(session.accessToken);
  const renewed = loads(store)!;
  await store.save({ ...renewed, goodUntilMs: 0 });
  await asleep.renew(session.accessToken);
  expect(asleep.current!.accessToken).not.toBe(renewed.accessToken);
  expect(asleep.current!.goodUntilMs).toBeGreaterThan(Date.now());
});

test.concurrent('a tab stays who it is where somebody else signs in in another one', async () => {
  const { store, session } = await storedSession();
  let over = 0;
  const keeper = new SessionKeeper({ url: server.url, store, onOver: () => (over += 1) });
  await keeper.restore();
  const ben = await phoneOf(server, undefined, { store });
  const { refreshToken } = loads(store)!;
  await keeper.renew(session.accessToken);
  expect(keeper.current!.user).toEqual(session.user);
  expect(keeper.current!.accessToken).not.toBe(session.accessToken);
  await keeper.end();
  expect([loads(store)!.user, loads(store)!.refreshToken, over]).toEqual([ben.user, refreshToken, 0]);
});

test.concurrent('an answer that is lost on the way is asked for again with the same token', async () => {
  const proxy = await Proxy.start(server);
  const { store, session } = await storedSession();
  let over = false;
  const keeper = new SessionKeeper({ url: proxy.url, store, onOver: () => (over = true) });
  await keeper.restore();
  proxy.loseAnswer('refreshSession');
  await keeper.renew(session.accessToken);
  expect(proxy.hasLostIt).toBe(true);
  expect(proxy.timesAsked(session.refreshToken)).toBe(2);
  const renewed = keeper.current!;
  await keeper.renew(renewed.accessToken);
  expect(keeper.current!.refreshToken).not.toBe(renewed.refreshToken);
  expect(over).toBe(false);
  await proxy.stop();
});

test.concurrent('signing out ends the session here and there, and the call of this device', async () => {
  const store = memoryStore();
  const ana = await phoneOf(server, undefined, { store });
  const ben = await phoneOf(server);
  const rings = ringOf(ben);
  const call = await ana.call(ben.user!.id);
  const theirs = await rings;
  await theirs.accept();
  await until('the answer', () => call.status === 'ACTIVE');
  let signedOut = false;
  ana.on('signedOut', () => (signedOut = true));
  const ended = new Promise((resolve) => call.on('ended', resolve));
  const { refreshToken } = loads(store)!;
  await ana.signOut();
  expect(await ended).toMatchObject({ status: 'ENDED', endReason: 'HUNG_UP' });
  await until('the end there', () => theirs.info.endReason === 'HUNG_UP');
  expect([ana.user, ana.calls, ana.connectionState, loads(store), signedOut]).toEqual([null, [], 'closed', null, false]);
  const { body } = await post(server.url, null, 'mutation ($token: String!) { refreshSession(refreshToken: $token) { expiresAt } }', {
    token: refreshToken,
  });
  expect(body.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
});

test.concurrent('signing out does not wait for a network that is not there', async () => {
  const proxy = await Proxy.start(server);
  const store = memoryStore();
  const ana = await phoneOf(server, undefined, { url: proxy.url, store });
  proxy.goDown();
  await ana.signOut();
  expect([ana.user, loads(store), ana.connectionState]).toEqual([null, null, 'closed']);
  await proxy.stop();
});

test.concurrent('a session goes on from its store, with one socket however often that is asked', async () => {
  const proxy = await Proxy.start(server);
  const { store, session } = await storedSession();
  const phone = new Switchboard({ url: proxy.url, createPeerConnection: null, store });
  expect(await Promise.all([phone.resume(), phone.resume(), phone.resume()])).toEqual([true, true, true]);
  await until('the connection', () => phone.cursor !== null);
  expect(await phone.resume()).toBe(true);
  expect(phone.device).toEqual(session.device);
  expect(proxy.made).toBe(1);
  await phone.close();
  expect(phone.user).toEqual(session.user);
  expect(await phone.resume()).toBe(true);
  await until('the connection again', () => phone.connectionState === 'connected');
  await phone.signOut();
  expect(await phone.resume()).toBe(false);
  await proxy.stop();
});
