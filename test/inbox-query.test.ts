import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp, twoInACall, type Device } from './support/device.js';
import { startServer, type TestServer } from './support/server.js';
import { ask, transports } from './support/transports.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

async function readAll(device: Device, after: string | null, first: number) {
  const events = [];
  let cursor = after;
  for (;;) {
    const page = await device.page(cursor, first);
    expect(page.recovered).toBe(true);
    expect(page.events.length).toBeLessThanOrEqual(first);
    events.push(...page.events);
    cursor = page.cursor;
    if (!page.hasMore) return { events, cursor };
  }
}

test('the inbox query gives the same events with the same cursors as the subscription, in pages of any size', async () => {
  const { ana, ben, callId } = await twoInACall(server);
  const laptop = await ben.another('laptop');
  await laptop.connect();
  for (const payload of ['1', '2', '3', '4', '5']) await ana.send(callId, 'CUSTOM', payload);
  await ben.received('5');
  const ready = ben.events[0]?.cursor ?? null;
  const streamed = ben.events.slice(1).map(({ cursor, at, __typename }) => ({ cursor, at, __typename }));
  for (const first of [1, 2, 100]) {
    const { events, cursor } = await readAll(ben, ready, first);
    expect(events.map(({ cursor: own, at, __typename }) => ({ cursor: own, at, __typename }))).toEqual(streamed);
    expect(cursor).toBe(ben.lastCursor);
  }
  for (const { cursor } of ben.events) expect((await readAll(ben, cursor, 3)).cursor).toBe(ben.lastCursor);
});

test('a page may be empty and still have more, where its events are for another device', async () => {
  const { ana, ben, callId } = await twoInACall(server);
  const tablet = await ben.another('tablet');
  const { cursor } = await readAll(tablet, null, 100);
  for (const payload of ['1', '2', '3', '4']) await ana.send(callId, 'CUSTOM', payload);
  await ana.end(callId);
  const page = await tablet.page(cursor, 2);
  expect(page).toMatchObject({ events: [], recovered: true, hasMore: true });
  expect(page.cursor > cursor).toBe(true);
  expect((await readAll(tablet, page.cursor, 2)).events).toMatchObject([{ __typename: 'CallChanged', change: 'ENDED' }]);
});

test('a page of large events ends early, and the next one goes on', async () => {
  const { ana, ben, callId } = await twoInACall(server);
  const { cursor } = await readAll(ben, null, 100);
  const payloads = Array.from({ length: 20 }, (_, n) => `${n} ${'x'.repeat(32_000)}`);
  for (const payload of payloads) await ana.send(callId, 'CUSTOM', payload);
  const page = await ben.page(cursor, 100);
  expect(page.hasMore).toBe(true);
  expect(page.events.length).toBeLessThan(10);
  const { events } = await readAll(ben, cursor, 100);
  expect(events.map((event) => (event.__typename === 'SignalReceived' ? event.payload : null))).toEqual(payloads);
});

test('without a cursor the query starts where the live call began, and at the head where there is none', async () => {
  const { ana, ben, callId } = await twoInACall(server);
  expect((await ben.page()).events[0]).toMatchObject({ change: 'CREATED', call: { id: callId } });
  await ana.end(callId);
  expect(await ben.page()).toMatchObject({ events: [], recovered: true, hasMore: false });
});

test('an answer is ANSWERED for both devices in the call and ANSWERED_ELSEWHERE for the other ones of the callee', async () => {
  const [ana, phone] = await Promise.all([signUp(server), signUp(server)]);
  const [tablet, laptop] = await Promise.all([phone.another('tablet'), ana.another('laptop')]);
  const { id } = await ana.ring(phone);
  await phone.accept(id);
  const read = async (device: Device) =>
    (await device.page()).events.find((event) => event.__typename === 'CallChanged' && event.change.startsWith('ANSWERED'));
  const [forAna, forPhone, forTablet, forLaptop] = await Promise.all([ana, phone, tablet, laptop].map(read));
  expect(forAna).toMatchObject({ change: 'ANSWERED' });
  expect(forLaptop).toMatchObject({ change: 'ANSWERED' });
  expect(forPhone).toMatchObject({ change: 'ANSWERED' });
  expect(forTablet).toMatchObject({ change: 'ANSWERED_ELSEWHERE', cursor: forPhone?.cursor });
});

test('a change says what happened then, the call beside it how it stands now', async () => {
  const { ana, ben, callId } = await twoInACall(server);
  const cursor = ana.events[0]?.cursor ?? null;
  await ben.end(callId);
  const { events } = await ana.page(cursor);
  expect(events.filter((event) => event.__typename === 'CallChanged')).toMatchObject(
    ['CREATED', 'RINGING', 'ANSWERED', 'ENDED'].map((change) => ({ change, call: { status: 'ENDED', endReason: 'HUNG_UP' } })),
  );
});

test('cursors sort bytewise in the order of events, and Ready stands before them', async () => {
  const { ana, ben, callId } = await twoInACall(server);
  await Promise.all(Array.from({ length: 50 }, (_, n) => ana.stream(callId, 'CUSTOM', `${n}`)));
  await ben.received('49');
  const cursors = ben.events.map(({ cursor }) => cursor);
  expect(cursors).toEqual(cursors.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  expect(new Set(cursors).size).toBe(cursors.length);
});

const malformed = ['', 'x', '0', '0'.repeat(31), '0'.repeat(33), 'g'.repeat(32), 'F'.repeat(32), 'f'.repeat(32), '\0'.repeat(32), '\ud800'];
test.for(transports.flatMap((transport) => malformed.map((after) => [transport, after] as const)))(
  'over %s a malformed cursor is refused by name, by query and subscription: %j',
  async ([transport, after]) => {
    const device = await signUp(server);
    const refused = { errors: [{ extensions: { code: 'BAD_INPUT', field: 'after' } }] };
    const query = 'query ($after: ID) { inbox(after: $after) { cursor } }';
    expect(await ask(transport, server, device.token, query, { after })).toMatchObject(refused);
    if (transport === 'HTTP') return;
    const subscription = 'subscription ($after: ID) { inbox(after: $after) { cursor } }';
    expect(await ask(transport, server, device.token, subscription, { after })).toMatchObject(refused);
  },
);

test.for(transports)('over %s a page has 1 to 100 events', async (transport) => {
  const device = await signUp(server);
  const query = 'query ($first: Int) { inbox(first: $first) { cursor } }';
  for (const first of [0, 101, -1]) {
    const answer = await ask(transport, server, device.token, query, { first });
    expect(answer).toMatchObject({ errors: [{ extensions: { code: 'BAD_INPUT', field: 'first' } }] });
  }
  for (const first of [1, 100, null]) expect((await ask(transport, server, device.token, query, { first })).errors).toBeUndefined();
});

test('Ready and every event carry the time of the database', async () => {
  const { ben } = await twoInACall(server);
  for (const { at } of ben.events) {
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(20_000);
  }
});
