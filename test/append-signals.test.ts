import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { laneOf } from '../src/calls/call-order.js';
import { Database } from '../src/db/database.js';
import { slotLengthUs } from '../src/inbox/janitor.js';
import { SignalRepository, signalKinds, type OutgoingSignal, type SignalOutcome } from '../src/signaling/signal.repository.js';
import { entities } from '../src/storage.js';
import { runSql } from './support/database.js';
import { signUp, twoInACall, type Device } from './support/device.js';
import { startServerForTest, type TestServer } from './support/server.js';

interface Sender {
  readonly device: Device;
  readonly callId: string;
  readonly becomes: SignalOutcome;
  readonly recipient: Device | null;
  /** Whom it is for: a device, or all of them (null). */
  readonly toDevice: string | null;
}

const payloads = ['v=0\r\n', '', 'a', 'candidate:1 \u{1F4DE} ä', 'x'.repeat(3_000)];

/** Everyone that a signal may come from. Two of them speak to Ben: Ana, and Cara, whom he has blocked. */
async function cast(server: TestServer): Promise<Sender[]> {
  const { ana, ben, callId } = await twoInACall(server);
  const [cara, dan, eve] = await Promise.all([signUp(server, 'cara'), signUp(server, 'dan'), signUp(server, 'eve')]);
  await ben.block(cara);
  const hidden = (await cara.ring(ben)).id;
  const ended = await twoInACall(server);
  await ended.ana.end(ended.callId);
  const ringing = (await dan.ring(eve)).id;
  const nobody = '00000000-0000-0000-0000-000000000000';
  return [
    { device: ana, callId, becomes: 'sent', recipient: ben, toDevice: ben.id },
    { device: ben, callId, becomes: 'sent', recipient: ana, toDevice: ana.id },
    { device: await ana.another('tablet'), callId, becomes: 'conflict', recipient: ben, toDevice: ben.id },
    { device: cara, callId: hidden, becomes: 'sent', recipient: ben, toDevice: nobody },
    { device: ben, callId: hidden, becomes: 'missing', recipient: null, toDevice: null },
    { device: eve, callId, becomes: 'missing', recipient: null, toDevice: null },
    { device: ended.ana, callId: ended.callId, becomes: 'conflict', recipient: ended.ben, toDevice: null },
    { device: dan, callId: ringing, becomes: 'sent', recipient: eve, toDevice: null },
    { device: eve, callId: ringing, becomes: 'unanswered', recipient: dan, toDevice: dan.id },
  ];
}

const inbox =
  'SELECT seq::int, at, prev_at, id, device_id, call_id, kind, from_user_id, from_device_id, body FROM inbox WHERE user_id = $1 ORDER BY seq';
type Row = {
  seq: number;
  at: string;
  prev_at: string;
  id: string;
  device_id: string | null;
  kind: string;
  from_device_id: string | null;
  body: string | null;
};

test('batches of all senders, with keys that are known and not, go where they belong, in order and without a gap', async () => {
  const server = await startServerForTest();
  const senders = await cast(server);
  const database = await Database.open(server.databaseUrl, entities);
  onTestFinished(() => database.close());
  const repository = new SignalRepository({ database, slotUs: slotLengthUs(3_600_000) });
  /** Of each inbox, by id; what has been sent in each lane, in order. */
  const known = new Map<string, OutgoingSignal>();
  const said = new Map<string, OutgoingSignal[]>();
  let repeated = 0;

  const one = fc.record({
    from: fc.nat(senders.length - 1),
    kind: fc.constantFrom(...signalKinds),
    payload: fc.constantFrom(...payloads),
    key: fc.option(fc.nat(5)),
  });
  const ids = senders.map(() => Array.from({ length: 6 }, () => randomUUID()));
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 14 }), fc.boolean(), async (wanted, again) => {
      const batch: OutgoingSignal[] = [];
      const expected: SignalOutcome[] = [];
      for (const { from, kind, payload, key } of wanted) {
        const { device, callId, becomes, recipient } = senders[from]!;
        const id = key === null ? randomUUID() : ids[from]![key]!;
        if (batch.some((other) => other.id === id)) continue;
        const signal = {
          id,
          keyed: key !== null,
          callId,
          userId: device.userId,
          deviceId: device.id,
          lane: laneOf(device.id, callId),
          kind,
          payload,
          bytes: Buffer.byteLength(payload),
          checkedAtMs: 0,
        };
        batch.push(signal);
        const earlier = recipient === null ? undefined : known.get(`${recipient.userId} ${id}`);
        if (earlier !== undefined) {
          repeated += 1;
          expected.push(earlier.kind === kind && earlier.payload === payload ? 'duplicate' : 'key-reused');
          continue;
        }
        expected.push(becomes);
        if (becomes !== 'sent') continue;
        known.set(`${recipient!.userId} ${id}`, signal);
        said.set(signal.lane, [...(said.get(signal.lane) ?? []), signal]);
      }
      const results = await repository.append(batch, again);
      expect(results.map(({ outcome }) => outcome)).toEqual(expected);
      const read = new Map<string, Row[]>();
      for (const [position, { outcome, seq, at, recipientId, recipientDeviceId }] of results.entries()) {
        const signal = batch[position]!;
        const { recipient, toDevice } = senders.find(({ device, callId }) => laneOf(device.id, callId) === signal.lane)!;
        expect(recipientId).toBe(recipient?.userId ?? '');
        expect(recipientDeviceId).toBe(toDevice);
        if (outcome !== 'sent') {
          expect(seq).toBeNull();
          continue;
        }
        const rows = read.get(recipientId) ?? (await runSql<Row>(server.databaseUrl, inbox, [recipientId]));
        read.set(recipientId, rows);
        expect(rows.find((row) => row.seq === seq)).toMatchObject({
          id: signal.id,
          at: String(at),
          device_id: toDevice,
          call_id: signal.callId,
          kind: signal.kind,
          from_user_id: signal.userId,
          from_device_id: signal.deviceId,
          body: signal.payload,
        });
      }
    }),
    { numRuns: 60 },
  );
  expect(repeated).toBeGreaterThan(50);

  for (const userId of new Set(senders.flatMap(({ recipient }) => recipient?.userId ?? []))) {
    const rows = await runSql<Row>(server.databaseUrl, inbox, [userId]);
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_row, position) => position + 1));
    expect(rows.slice(1).map((row) => row.prev_at)).toEqual(rows.slice(0, -1).map((row) => row.at));
    const [head] = await runSql<{ seq: number; at: string }>(server.databaseUrl, 'SELECT seq::int, at FROM inbox_head WHERE user_id = $1', [
      userId,
    ]);
    expect(head).toEqual({ seq: rows.length, at: rows.at(-1)?.at });
  }
  for (const { device, callId, becomes, recipient } of senders) {
    if (becomes !== 'sent') continue;
    const sent = said.get(laneOf(device.id, callId)) ?? [];
    const rows = await runSql<Row>(server.databaseUrl, inbox, [recipient!.userId]);
    expect(rows.filter((row) => row.body !== null && row.from_device_id === device.id).map(({ id }) => id)).toEqual(
      sent.map(({ id }) => id),
    );
    const noted = (await device.timeline(callId)).filter((entry) => entry.bytes !== null && entry.deviceId === device.id);
    expect(noted.map(({ kind, bytes }) => ({ kind, bytes }))).toEqual(sent.map(({ kind, bytes }) => ({ kind, bytes })));
  }
});

test('the timeline has 485 signals of a side at most, of a call that is hidden too', async () => {
  const server = await startServerForTest();
  const senders = (await cast(server)).filter(({ becomes, toDevice }) => becomes === 'sent' && toDevice !== null);
  const database = await Database.open(server.databaseUrl, entities);
  onTestFinished(() => database.close());
  const repository = new SignalRepository({ database, slotUs: slotLengthUs(3_600_000) });
  const batchOf = 50;
  for (const { device, callId } of senders) {
    const { id: deviceId, userId } = device;
    const common = {
      keyed: false,
      callId,
      userId,
      deviceId,
      lane: laneOf(deviceId, callId),
      kind: 'CUSTOM',
      payload: 'x',
      bytes: 1,
      checkedAtMs: 0,
    } as const;
    for (let sent = 0; sent < 600; sent += batchOf)
      await repository.append(
        Array.from({ length: batchOf }, () => ({ ...common, id: randomUUID() })),
        false,
      );
    const noted = (await device.timeline(callId)).filter((entry) => entry.kind === 'CUSTOM' && entry.deviceId === deviceId).length;
    expect(noted).toBeGreaterThan(485 - 2 * batchOf);
    expect(noted).toBeLessThanOrEqual(485);
  }
});
