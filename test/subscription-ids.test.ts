import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp, twoInACall, type Device } from './support/device.js';
import { frame, FrameSocket } from './support/frame-socket.js';
import { metricsOf } from './support/metrics-page.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

const subscribe = (id: string) => ({ id, type: 'subscribe', payload: { query: 'subscription { inbox { __typename } }' } });
const complete = (id: string) => ({ id, type: 'complete' });

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const opened = ({ token }: Device): Promise<FrameSocket> => FrameSocket.open(server.webSocketUrl, { acknowledged: true, token });
const subscriptions = async (): Promise<number> => (await metricsOf(server)).value('subscriptions');

/** All in one segment, so that all is read in one turn of the server's event loop. */
const say = (socket: FrameSocket, messages: readonly object[]): Promise<void> =>
  socket.write(Buffer.concat(messages.map((message) => frame({ payload: JSON.stringify(message) }))));

test.for([1, 5, 30])(
  'a subscription that is completed and begun again at once %i times under its id is the last one alone',
  async (times) => {
    const { ana, ben, callId } = await twoInACall(server);
    const before = await subscriptions();
    const socket = await opened(ben);
    await say(socket, [...Array.from({ length: times }, () => [subscribe('x'), complete('x')]).flat(), subscribe('x')]);
    await until('the last one', async () => socket.messages.some(({ type }) => type === 'next') && (await subscriptions()) === before + 1);
    await ana.send(callId, 'CUSTOM', 'a signal');
    const signals = () => socket.messages.filter(({ payload }) => JSON.stringify(payload)?.includes('SignalReceived') === true);
    await until('the signal', () => signals().length > 0);
    expect(signals()).toHaveLength(1);
    expect(socket.messages.filter(({ type }) => type === 'complete')).toEqual([]);

    await say(socket, [complete('x')]);
    await until('nothing left of it', async () => (await subscriptions()) === before);
    expect(socket.closeCode).toBeNull();
    socket.cut();
    await Promise.all([ana.leave(), ben.leave()]);
  },
);

test('whoever goes in the middle of that leaves nothing behind', async () => {
  const ana = await signUp(server);
  const socket = await opened(ana);
  await say(socket, [...Array.from({ length: 10 }, () => [subscribe('x'), complete('x')]).flat(), subscribe('x')]);
  socket.cut();
  await until('nothing left', async () => (await subscriptions()) === 0);
});

test('whoever has not said who they are may complete what has not had its turn, and begin it again, as often as they like', async () => {
  const socket = await FrameSocket.open(server.webSocketUrl, { acknowledged: true });
  const asks = Array.from({ length: 60 }, (_, n) => [subscribe(`s${n}`), complete(`s${n}`)]).flat();
  await say(socket, [...asks, { id: 'last', type: 'subscribe', payload: { query: '{ __typename }' } }]);
  await until('the last answer', () => socket.messages.some(({ type, id }) => type === 'complete' && id === 'last'));
  expect(await subscriptions()).toBe(0);
  await say(socket, [subscribe('refused')]);
  const refused = await until('the refusal', () => socket.messages.find(({ id }) => id === 'refused'));
  expect(JSON.stringify(refused.payload)).toContain('UNAUTHENTICATED');
  socket.cut();
});

test('what follows the end of a subscription is answered in its order, and needs no other end', async () => {
  const ana = await signUp(server);
  const socket = await opened(ana);
  const asks = ['a', 'b', 'c'].map((id) => ({ id, type: 'subscribe', payload: { query: '{ __typename }' } }));
  await say(socket, [complete('nothing'), subscribe('x'), asks[0]!, complete('x'), asks[1]!, complete('x'), asks[2]!]);
  await until('the answers', () => socket.messages.filter(({ type }) => type === 'complete').length === 3);
  expect(socket.messages.filter(({ type, id }) => type === 'next' && id !== 'x').map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  socket.cut();
});

test('an id has at most 128 characters', async () => {
  const ana = await signUp(server);
  const socket = await opened(ana);
  await say(socket, [{ id: 'x'.repeat(128), type: 'subscribe', payload: { query: '{ __typename }' } }]);
  await until('the answer', () => socket.messages.some(({ type }) => type === 'next'));
  await say(socket, [{ id: 'x'.repeat(129), type: 'subscribe', payload: { query: '{ __typename }' } }]);
  expect(await socket.closed()).toBe(4400);
  socket.cut();
});
