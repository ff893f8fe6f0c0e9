import { expect, test } from 'vitest';
import { signUp, twoInACall } from './support/device.js';
import { HeldRow } from './support/held-row.js';
import { RawSocket } from './support/raw-socket.js';
import { startServerForTest } from './support/server.js';
import { until } from './support/until.js';

test('past LIMIT_OPERATIONS_BURST a socket is read at LIMIT_OPERATIONS_PER_SECOND; nothing is refused, and all stays in order', async () => {
  const server = await startServerForTest({ LIMIT_OPERATIONS_BURST: '10', LIMIT_OPERATIONS_PER_SECOND: '40' });
  const { ana, ben, callId } = await twoInACall(server);
  const startedAt = performance.now();
  // Its socket has had an operation already, the subscription.
  const sent = Array.from({ length: 50 }, async (_, n) => {
    await ana.stream(callId, 'CUSTOM', `signal ${n}`);
    return performance.now() - startedAt;
  });
  const tookMs = await Promise.all(sent);
  await ben.received('signal 49');
  expect(ben.signals.map(({ payload }) => payload)).toEqual(Array.from({ length: 50 }, (_, n) => `signal ${n}`));
  expect(tookMs[49]).toBeGreaterThan((50 - 10) * 25 - 100);
  expect(tookMs[7]).toBeLessThan(tookMs[49]! / 2);
});

test('a socket has LIMIT_OPERATIONS_IN_FLIGHT operations under way; what follows is read when one is answered', async () => {
  const server = await startServerForTest({ LIMIT_OPERATIONS_IN_FLIGHT: '3' });
  const ana = await signUp(server);
  const ben = await signUp(server);
  const socket = await RawSocket.connect(server.webSocketUrl, ana.token);
  const held = await HeldRow.take(server.databaseUrl, ben);
  const call = 'mutation ($input: CreateCallInput!) { createCall(input: $input) { id } }';
  const waiting = [1, 2, 3].map((n) => socket.ask(call, { input: { calleeId: ben.userId, key: 'the same' } }, `call ${n}`));
  await held.awaited();
  const behind = [1, 2, 3].map((n) => socket.ask('{ __typename }', {}, `behind ${n}`));
  // What needs no database is answered at once where it is taken.
  expect(await (await RawSocket.connect(server.webSocketUrl, ana.token)).ask('{ __typename }')).toMatchObject({ data: {} });
  expect(socket.frames.filter(({ id }) => id?.startsWith('behind') === true)).toEqual([]);
  await held.letGo();
  const [first, ...others] = await Promise.all(waiting);
  expect(first).toMatchObject({ data: { createCall: { id: expect.any(String) } } });
  for (const other of others) expect(other).toEqual(first);
  for (const answer of await Promise.all(behind)) expect(answer).toMatchObject({ data: { __typename: 'Query' } });
});

test('a device that is signed out while it is held back is closed at once', async () => {
  const server = await startServerForTest({ LIMIT_OPERATIONS_BURST: '5', LIMIT_OPERATIONS_PER_SECOND: '1' });
  const ana = await signUp(server);
  const socket = await RawSocket.connect(server.webSocketUrl, ana.token);
  for (let n = 0; n < 30; n += 1) await socket.send({ id: `${n}`, type: 'subscribe', payload: { query: '{ __typename }' } });
  await until('the first answers', () => socket.frames.filter(({ type }) => type === 'next').length >= 4);
  await ana.logOut();
  expect(await socket.closed).toMatchObject({ code: 4403 });
  expect(socket.frames.filter(({ type }) => type === 'next').length).toBeLessThan(10);
});
