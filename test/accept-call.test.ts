import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp } from './support/device.js';
import { letRingOut } from './support/meddle.js';
import { startServer, type TestServer } from './support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Ana rings Ben, whose phone and tablet both hear it. */
async function twoDevicesRinging() {
  const [ana, phone] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  const tablet = await phone.another('tablet');
  await Promise.all([ana.connect(), phone.connect(), tablet.connect()]);
  const { id } = await ana.ring(phone);
  await Promise.all([phone.heard('RINGING', id), tablet.heard('RINGING', id)]);
  return { ana, phone, tablet, id };
}

test('the first device to accept is in the call, and the other ones read ANSWERED_ELSEWHERE', async () => {
  const { ana, phone, tablet, id } = await twoDevicesRinging();
  const answered = await phone.accept(id);
  expect(answered).toMatchObject({ id, status: 'ACTIVE', direction: 'INCOMING', callerDeviceId: ana.id, calleeDeviceId: phone.id });
  expect(answered.answeredAt).not.toBeNull();
  await Promise.all([ana.heard('ANSWERED', id), phone.heard('ANSWERED', id), tablet.heard('ANSWERED_ELSEWHERE', id)]);
  expect(tablet.changes.map(({ change }) => change)).toEqual(['CREATED', 'RINGING', 'ANSWERED_ELSEWHERE']);
});

test("the caller's other devices hear of the answer as the caller's own does", async () => {
  const { ana, phone, id } = await twoDevicesRinging();
  const laptop = await ana.another('laptop');
  await laptop.connect();
  await phone.accept(id);
  expect((await laptop.heard('ANSWERED', id)).call).toMatchObject({ direction: 'OUTGOING', status: 'ACTIVE' });
});

test('of two devices that accept at once exactly one wins, and the other learns how the call stands', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { ana, phone, tablet, id } = await twoDevicesRinging();
    const results = await Promise.allSettled([phone.accept(id), tablet.accept(id)]);
    const lost = results.filter((result) => result.status === 'rejected');
    expect(lost).toHaveLength(1);
    expect(lost[0]?.reason).toMatchObject({ extensions: { code: 'CALL_STATE_CONFLICT', status: 'ACTIVE', endReason: null, allowed: [] } });
    const winner = results[0]?.status === 'fulfilled' ? phone : tablet;
    expect(await ana.call(id)).toMatchObject({ status: 'ACTIVE', calleeDeviceId: winner.id });
    expect((await ana.timeline(id)).filter(({ kind }) => kind === 'ANSWERED')).toHaveLength(1);
  }
});

test('the device that won may accept again: it gets the call, and nobody is told twice', async () => {
  const { ana, phone, id } = await twoDevicesRinging();
  const first = await phone.accept(id);
  expect(await phone.accept(id)).toEqual(first);
  expect(await phone.accept(id.toUpperCase())).toEqual(first);
  await ana.send(id, 'CUSTOM', 'behind it all');
  await phone.received('behind it all');
  expect(phone.changes.filter(({ change }) => change === 'ANSWERED')).toHaveLength(1);
});

test('a call cannot be accepted by who placed it', async () => {
  const { ana, id } = await twoDevicesRinging();
  await expect(ana.accept(id)).rejects.toMatchObject({ extensions: { code: 'CALL_STATE_CONFLICT', status: 'RINGING' } });
  expect(await ana.call(id)).toMatchObject({ status: 'RINGING', calleeDeviceId: null });
});

test('a call that is over cannot be accepted, and the refusal says why it is over', async () => {
  const { ana, phone, id } = await twoDevicesRinging();
  await ana.end(id);
  await expect(phone.accept(id)).rejects.toMatchObject({
    extensions: { code: 'CALL_STATE_CONFLICT', status: 'ENDED', endReason: 'CANCELLED', allowed: [] },
  });
});

test('a call that rang out cannot be accepted, whether or not somebody has ended it yet', async () => {
  const { ana, phone, id } = await twoDevicesRinging();
  await letRingOut(server, id);
  await expect(phone.accept(id)).rejects.toMatchObject({
    extensions: { code: 'CALL_STATE_CONFLICT', status: 'ENDED', endReason: 'NO_ANSWER' },
  });
  expect(await ana.call(id)).toMatchObject({ status: 'ENDED', endReason: 'NO_ANSWER', endedBy: null });
});

test('an accept and a cancellation at once leave one outcome that both parties see', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { ana, phone, id } = await twoDevicesRinging();
    const [accepted, cancelled] = await Promise.allSettled([phone.accept(id), ana.end(id, 'CANCELLED')]);
    const call = await ana.call(id);
    expect(await phone.call(id)).toMatchObject({ status: call?.status, endReason: call?.endReason });
    if (call?.status === 'ACTIVE') {
      expect(cancelled).toMatchObject({ status: 'rejected', reason: { extensions: { code: 'CALL_STATE_CONFLICT', status: 'ACTIVE' } } });
    } else {
      expect(call).toMatchObject({ status: 'ENDED', endReason: 'CANCELLED' });
      expect(accepted).toMatchObject({ status: 'rejected', reason: { extensions: { code: 'CALL_STATE_CONFLICT', status: 'ENDED' } } });
    }
  }
});

test('an ANSWER of a device that came late is refused and is not passed on', async () => {
  const { ana, phone, tablet, id } = await twoDevicesRinging();
  await phone.send(id, 'ANSWER', 'the answer');
  await expect(tablet.send(id, 'ANSWER', 'too late')).rejects.toMatchObject({
    extensions: { code: 'CALL_STATE_CONFLICT', status: 'ACTIVE' },
  });
  await phone.send(id, 'CUSTOM', 'behind it all');
  await ana.received('behind it all');
  expect(ana.signals.map(({ payload }) => payload)).toEqual(['the answer', 'behind it all']);
});

test('an ANSWER may follow acceptCall, from the device that accepted', async () => {
  const { ana, phone, id } = await twoDevicesRinging();
  await phone.accept(id);
  await phone.send(id, 'ANSWER', 'the answer');
  expect(await ana.received('the answer')).toMatchObject({ kind: 'ANSWER', fromDeviceId: phone.id });
  expect((await ana.timeline(id)).map(({ kind }) => kind)).toEqual(['CREATED', 'RINGING', 'ANSWERED', 'ANSWER']);
});
