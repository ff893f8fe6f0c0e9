import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp, twoInACall, type Device } from './support/device.js';
import { forgetEvents, forgetEventsUpTo } from './support/meddle.js';
import { startServer, startServerForTest, type TestServer } from './support/server.js';

// The cases that Centrifuge's recovery tells apart, by cursor: what a device that comes back is told, and what it gets.

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const payloadsOf = (device: Device) => device.signals.map(({ payload }) => payload);

async function sendAll(from: Device, callId: string, payloads: readonly string[]): Promise<void> {
  for (const payload of payloads) await from.send(callId, 'CUSTOM', payload);
}

/** Ben has received `before`, and is away. */
async function benWentAway(before: readonly string[] = ['1', '2']) {
  const parties = await twoInACall(server);
  await sendAll(parties.ana, parties.callId, before);
  if (before.length > 0) await parties.ben.received(before.at(-1) ?? '');
  parties.ben.cut();
  return parties;
}

test('nothing was missed: recovered, and what comes now comes next', async () => {
  const { ana, ben, callId } = await benWentAway();
  const cursor = ben.lastCursor;
  expect(await ben.comeBack()).toMatchObject({ recovered: true, cursor, activeCalls: [{ id: callId }] });
  await ana.send(callId, 'CUSTOM', '3');
  await ben.received('3');
  expect(payloadsOf(ben)).toEqual(['1', '2', '3']);
});

test('something was missed: recovered, all of it once and in order, then what comes', async () => {
  const { ana, ben, callId } = await benWentAway();
  await sendAll(ana, callId, ['3', '4', '5']);
  const cursor = ben.lastCursor;
  expect(await ben.comeBack()).toMatchObject({ recovered: true, cursor });
  await ana.send(callId, 'CUSTOM', '6');
  await ben.received('6');
  expect(payloadsOf(ben)).toEqual(['1', '2', '3', '4', '5', '6']);
});

test('the cursor is too old: not recovered, the live calls come along, and events go on from the earliest that is kept', async () => {
  const { ana, ben, callId } = await benWentAway();
  await sendAll(ana, callId, ['3', '4']);
  await forgetEvents(server);
  await sendAll(ana, callId, ['5']);
  const ready = await ben.comeBack();
  expect(ready).toMatchObject({ recovered: false, activeCalls: [{ id: callId, status: 'ACTIVE' }] });
  await sendAll(ana, callId, ['6']);
  await ben.received('6');
  expect(payloadsOf(ben)).toEqual(['1', '2', '5', '6']);
  // From here on nothing is lost any more.
  ben.cut();
  await sendAll(ana, callId, ['7']);
  expect(await ben.comeBack()).toMatchObject({ recovered: true });
  await ben.received('7');
});

test('the cursor is too old and nothing is kept: not recovered, and events go on from the head', async () => {
  const { ana, ben, callId } = await benWentAway();
  await sendAll(ana, callId, ['3']);
  await ana.end(callId);
  await forgetEvents(server);
  expect(await ben.comeBack()).toMatchObject({ recovered: false, activeCalls: [] });
  const { id } = await ana.ring(ben);
  await ben.heard('CREATED', id);
  expect(payloadsOf(ben)).toEqual(['1', '2']);
});

test('nothing was missed, and nothing is kept: recovered all the same', async () => {
  const { ana, ben, callId } = await benWentAway();
  await forgetEvents(server);
  expect(await ben.comeBack()).toMatchObject({ recovered: true });
  await sendAll(ana, callId, ['3']);
  await ben.received('3');
  expect(payloadsOf(ben)).toEqual(['1', '2', '3']);
});

test("the cursor's own event is gone but everything behind it is kept: recovered", async () => {
  const { ana, ben, callId } = await benWentAway();
  await sendAll(ana, callId, ['3', '4']);
  await forgetEventsUpTo(server, ben.userId, ben.lastCursor ?? '');
  expect(await ben.comeBack()).toMatchObject({ recovered: true });
  await ben.received('4');
  expect(payloadsOf(ben)).toEqual(['1', '2', '3', '4']);
});

test('one event behind the cursor is gone: not recovered', async () => {
  const { ana, ben, callId } = await benWentAway();
  await sendAll(ana, callId, ['3', '4']);
  const { events } = await ben.page(ben.lastCursor);
  await forgetEventsUpTo(server, ben.userId, events[0]?.cursor ?? '');
  expect(await ben.comeBack()).toMatchObject({ recovered: false });
  await ben.received('4');
  expect(payloadsOf(ben)).toEqual(['1', '2', '4']);
});

test("the cursor is another user's: not recovered, and events start as without one", async () => {
  const { ana, ben, callId } = await benWentAway();
  for (const cursor of ana.events.map((event) => event.cursor)) {
    const fresh = await ben.another('tablet');
    expect(await fresh.connect(cursor)).toMatchObject({ recovered: false, activeCalls: [{ id: callId }] });
    await fresh.heard('CREATED', callId);
    await fresh.leave();
  }
});

test("the cursor is another database's: not recovered", async () => {
  const other = await startServerForTest();
  const stranger = await twoInACall(other);
  const { ben, callId } = await benWentAway();
  for (const cursor of stranger.ben.events.map((event) => event.cursor)) {
    expect(await ben.page(cursor)).toMatchObject({ recovered: false });
    expect(await (await ben.another('tablet')).connect(cursor)).toMatchObject({ recovered: false, activeCalls: [{ id: callId }] });
  }
});

test('the cursor is from the future, as behind a restored backup: not recovered, and events go on', async () => {
  const { ana, ben, callId } = await benWentAway();
  const cursor = ben.lastCursor ?? '';
  const position = Number.parseInt(cursor.slice(0, 16), 16);
  for (const future of [(position + 1).toString(16).padStart(16, '0') + cursor.slice(16), `001fffffffffffff${cursor.slice(16)}`]) {
    const tablet = await ben.another('tablet');
    expect(await tablet.connect(future)).toMatchObject({ recovered: false, activeCalls: [{ id: callId }] });
  }
  expect(await ben.connect(`${cursor.slice(0, 16)}${'0'.repeat(16)}`)).toMatchObject({ recovered: false });
  await ana.send(callId, 'CUSTOM', 'goes on');
  await ben.received('goes on');
});

test('no cursor and no live call: the stream starts at the head, with nothing of the past', async () => {
  const { ana, ben, callId } = await benWentAway();
  await ana.end(callId);
  const tablet = await ben.another('tablet');
  const ready = await tablet.connect();
  expect(ready).toMatchObject({ recovered: true, activeCalls: [] });
  const { id } = await ana.ring(ben);
  await tablet.heard('CREATED', id);
  expect(tablet.events.map(({ __typename }) => __typename)).not.toContain('SignalReceived');
  expect(tablet.changes[0]).toMatchObject({ change: 'CREATED', call: { id } });
});

test('no cursor and a live call: the stream starts where the call began, and before its first event', async () => {
  const [ana, ben] = await Promise.all([signUp(server), signUp(server)]);
  const past = await ana.ring(ben);
  await ana.end(past.id);
  const { id } = await ana.ring(ben);
  await ana.send(id, 'OFFER', 'the offer');
  const ready = await ben.connect();
  expect(ready).toMatchObject({ recovered: true, activeCalls: [{ id }] });
  await ben.received('the offer');
  expect(ben.changes[0]).toMatchObject({ change: 'CREATED', call: { id } });
  expect(ben.changes.map(({ call }) => call.id)).not.toContain(past.id);
  expect(ready.cursor < (ben.changes[0]?.cursor ?? '')).toBe(true);
});

test('no cursor and a live call older than what is kept: not recovered, from the earliest event that is kept', async () => {
  const { ana, ben, callId } = await benWentAway();
  await forgetEvents(server);
  await sendAll(ana, callId, ['3']);
  const tablet = await ben.another('tablet');
  expect(await tablet.connect()).toMatchObject({ recovered: false, activeCalls: [{ id: callId }] });
  await ana.end(callId);
  await tablet.heard('ENDED', callId);
});

test('events that arrive while the past is replayed follow it, each once and in order', async () => {
  const { ana, ben, callId } = await benWentAway([]);
  const past = Array.from({ length: 600 }, (_, n) => `past ${n} ${'x'.repeat(1_000)}`);
  await Promise.all(past.map((payload) => ana.stream(callId, 'CUSTOM', payload)));
  const now = Array.from({ length: 300 }, (_, n) => `now ${n}`);
  const sending = (async () => {
    for (const payload of now) await ana.stream(callId, 'CUSTOM', payload);
  })();
  expect(await ben.comeBack()).toMatchObject({ recovered: true });
  await sending;
  await ben.received('now 299');
  expect(payloadsOf(ben)).toEqual([...past, ...now]);
});

test("events for one device are skipped for the user's other devices, which lose nothing by it", async () => {
  const { ana, ben, callId } = await benWentAway([]);
  const tablet = await ben.another('tablet');
  await tablet.connect();
  await sendAll(ana, callId, ['for the phone']);
  const cursor = tablet.lastCursor;
  tablet.cut();
  await sendAll(ana, callId, ['for the phone too']);
  expect(await tablet.connect(cursor)).toMatchObject({ recovered: true });
  await ana.end(callId);
  await tablet.heard('ENDED', callId);
  expect(payloadsOf(tablet)).toEqual([]);
  await ben.comeBack();
  await ben.heard('ENDED', callId);
  expect(payloadsOf(ben)).toEqual(['for the phone', 'for the phone too']);
});
