import { expect, onTestFinished, test } from 'vitest';
import { planDrain } from '../src/server/drain-plan.js';
import { signUp, twoInACall } from './support/device.js';
import { HeldRow } from './support/held-row.js';
import { handshake } from './support/raw-socket.js';
import { startServer } from './support/server.js';
import { until } from './support/until.js';

/** One that is told to stop, with time for it. `stopped` resolves when it has. */
async function serverForTest(drainSeconds: number) {
  const server = await startServer({ DRAIN_SECONDS: String(drainSeconds) });
  onTestFinished(() => server.stop());
  const healthOf = (path: string) => server.url.replace('/graphql', path);
  return {
    server,
    ready: async () => {
      const answer = await fetch(healthOf('/readyz'));
      return `${answer.status} ${(await answer.text()).trim()}`;
    },
  };
}

test.each([
  // A few are gone in a moment, thousands take what time there is; a fifth of it is left for those who are slow.
  { sockets: 0, withinMs: 10_000, plan: { firstMs: 1_000, lastMs: 1_000, reconnectAfterMs: 1_000 } },
  { sockets: 5, withinMs: 10_000, plan: { firstMs: 1_000, lastMs: 1_100, reconnectAfterMs: 1_050 } },
  { sockets: 100, withinMs: 10_000, plan: { firstMs: 1_000, lastMs: 3_000, reconnectAfterMs: 2_000 } },
  { sockets: 5_000, withinMs: 10_000, plan: { firstMs: 1_000, lastMs: 8_000, reconnectAfterMs: 4_500 } },
  { sockets: 5_000, withinMs: 1_000, plan: { firstMs: 100, lastMs: 800, reconnectAfterMs: 450 } },
  { sockets: 5_000, withinMs: 0, plan: { firstMs: 0, lastMs: 0, reconnectAfterMs: 0 } },
])('$sockets sockets are let go within $withinMs ms', ({ sockets, withinMs, plan }) => {
  expect(planDrain(sockets, withinMs)).toEqual(plan);
});

test('what is under way on a socket is answered before it is closed, and what comes after that is not begun', async () => {
  const { server } = await serverForTest(5);
  const { ana, ben, callId } = await twoInACall(server);
  const idle = await signUp(server);
  await idle.connect();
  const held = await HeldRow.take(server.databaseUrl, ben);
  const underWay = ana.stream(callId, 'CUSTOM', 'under way', 'under way');
  await held.awaited();
  const stopped = server.stop();
  // Its turn is the last: by now the one with something under way would be closed too.
  expect(await idle.socket.closed).toMatchObject({ code: 1012 });
  const late = ana.stream(callId, 'CUSTOM', 'late', 'late').catch((error: unknown) => error);
  await held.letGo();
  expect(await underWay).toMatchObject({ duplicate: false });
  expect(await ana.socket.closed).toMatchObject({ code: 1012 });
  expect(await late).toMatchObject({ code: 1012 });
  await stopped;

  const again = await startServer({ DATABASE_URL: server.databaseUrl });
  onTestFinished(() => again.stop());
  expect(await ana.at(again).send(callId, 'CUSTOM', 'under way', 'under way')).toMatchObject({ duplicate: true });
  expect(await ana.at(again).send(callId, 'CUSTOM', 'late', 'late')).toMatchObject({ duplicate: false });
});

test('a node that goes away is not ready, takes no new socket, keeps no connection, and answers over HTTP until it is gone', async () => {
  const { server, ready } = await serverForTest(5);
  const { ana, ben, callId } = await twoInACall(server);
  expect(await ready()).toBe('200 ready');
  const held = await HeldRow.take(server.databaseUrl, ben);
  const underWay = ana.stream(callId, 'CUSTOM', 'keeps it here');
  await held.awaited();
  const stopped = server.stop();
  expect(await ready()).toBe('503 draining');
  expect(await handshake(server.webSocketUrl)).toBe(503);
  expect(await ana.ask('{ me { id } }')).toEqual({ me: { id: ana.userId } });
  expect((await fetch(`${server.url}?query={__typename}`)).headers.get('connection')).toBe('close');
  await held.letGo();
  await underWay;
  await stopped;
});

test('sockets are closed one after the other, not all at one moment', async () => {
  const { server } = await serverForTest(4);
  const devices = await Promise.all(Array.from({ length: 40 }, () => signUp(server)));
  await Promise.all(devices.map((device) => device.connect()));
  const closedAt = devices.map(async ({ socket }) => (await socket.closed, performance.now()));
  const stopped = server.stop();
  const times = (await Promise.all(closedAt)).toSorted((a, b) => a - b);
  await stopped;
  const halfMs = times[20]! - times[0]!;
  // By the plan 400 ms: all at once would be next to nothing.
  expect(halfMs).toBeGreaterThan(150);
  await until('all to be told', () => devices.every((device) => device.events.at(-1)?.__typename === 'ServerDraining'));
});
