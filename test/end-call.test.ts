import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp, type Device } from './support/device.js';
import { letRingOut } from './support/meddle.js';
import { startServer, type TestServer } from './support/server.js';

let server: TestServer;
let devices: { anasPhone: Device; anasLaptop: Device; bensPhone: Device; bensTablet: Device };
beforeAll(async () => {
  server = await startServer();
  const [anasPhone, bensPhone] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  const [anasLaptop, bensTablet] = await Promise.all([anasPhone.another('laptop'), bensPhone.another('tablet')]);
  devices = { anasPhone, anasLaptop, bensPhone, bensTablet };
});
afterAll(() => server.stop());

/** Ana's phone rings Ben; where the call is answered, Ben's phone did it. */
async function call(state: 'ringing' | 'answered'): Promise<string> {
  const { id } = await devices.anasPhone.ring(devices.bensPhone);
  if (state === 'answered') await devices.bensPhone.accept(id);
  return id;
}

const given = ['HUNG_UP', 'CANCELLED', 'DECLINED', 'BUSY', 'MEDIA_FAILED'] as const;
const byTheServer = ['NO_ANSWER', 'SIGNALING_LOST', 'TERMINATED'] as const;

// Who asks, when; what leaving the reason out means; which reasons fit.
const rules = [
  ['ringing', 'anasPhone', 'CANCELLED', ['CANCELLED', 'MEDIA_FAILED']],
  ['ringing', 'anasLaptop', 'CANCELLED', ['CANCELLED', 'MEDIA_FAILED']],
  ['ringing', 'bensPhone', 'DECLINED', ['DECLINED', 'BUSY', 'MEDIA_FAILED']],
  ['ringing', 'bensTablet', 'DECLINED', ['DECLINED', 'BUSY', 'MEDIA_FAILED']],
  ['answered', 'anasPhone', 'HUNG_UP', ['HUNG_UP', 'MEDIA_FAILED']],
  ['answered', 'bensPhone', 'HUNG_UP', ['HUNG_UP', 'MEDIA_FAILED']],
  ['answered', 'anasLaptop', null, ['HUNG_UP']],
  ['answered', 'bensTablet', null, ['HUNG_UP']],
] as const;

const cases = rules.flatMap(([state, who, meant, allowed]) =>
  [null, ...given].map((reason) => {
    const ends = reason ?? meant;
    return [state, who, reason, ends !== null && (allowed as readonly string[]).includes(ends) ? ends : null, allowed] as const;
  }),
);

test.for(cases)('of a call that is %s, %s may end it for the reason %s: %s', async ([state, who, reason, ends, allowed]) => {
  const id = await call(state);
  const device = devices[who];
  if (ends === null) {
    const status = state === 'answered' ? 'ACTIVE' : 'CREATED';
    await expect(device.end(id, reason)).rejects.toMatchObject({
      extensions: { code: 'CALL_STATE_CONFLICT', status, endReason: null, allowed },
    });
    expect(await device.call(id)).toMatchObject({ status, endReason: null });
    await devices.anasPhone.end(id);
  } else {
    expect(await device.end(id, reason)).toMatchObject({ status: 'ENDED', endReason: ends, endedBy: { id: device.userId } });
  }
});

test.for(byTheServer)('the reason %s is for the server to give, whatever the call', async (reason) => {
  const id = await call('ringing');
  const refused = { extensions: { code: 'BAD_INPUT', field: 'reason' } };
  await expect(devices.anasPhone.end(id, reason)).rejects.toMatchObject(refused);
  await devices.bensPhone.accept(id);
  await expect(devices.bensPhone.end(id, reason)).rejects.toMatchObject(refused);
  await devices.anasPhone.end(id);
  await expect(devices.anasPhone.end(id, reason)).rejects.toMatchObject(refused);
});

test('an ended call is returned unchanged, whoever asks for whatever reason', async () => {
  const id = await call('answered');
  const ended = await devices.bensPhone.end(id);
  for (const device of Object.values(devices)) {
    for (const reason of [null, ...given]) {
      const again = await device.end(id, reason, 'too late');
      expect(again).toMatchObject({ endReason: 'HUNG_UP', endedAt: ended.endedAt, endedBy: { id: devices.bensPhone.userId } });
    }
  }
  const timeline = await devices.anasPhone.timeline(id);
  expect(timeline.filter(({ kind }) => kind === 'ENDED')).toMatchObject([{ detail: null }]);
});

test('a call that rang out is over by itself, also for who cancels it a moment later', async () => {
  const id = await call('ringing');
  await letRingOut(server, id);
  expect(await devices.anasPhone.end(id, 'CANCELLED')).toMatchObject({ endReason: 'NO_ANSWER', endedBy: null });
});

test('a late decline on the tablet does not hang up what the phone just answered', async () => {
  const id = await call('ringing');
  await devices.bensPhone.accept(id);
  await expect(devices.bensTablet.end(id, 'DECLINED')).rejects.toMatchObject({ code: 'CALL_STATE_CONFLICT' });
  await expect(devices.bensTablet.end(id)).rejects.toMatchObject({ code: 'CALL_STATE_CONFLICT' });
  expect(await devices.anasPhone.call(id)).toMatchObject({ status: 'ACTIVE', calleeDeviceId: devices.bensPhone.id });
  await devices.bensTablet.end(id, 'HUNG_UP');
});

test('the detail lands in the timeline, with who ended the call on which device', async () => {
  const id = await call('answered');
  await devices.bensPhone.end(id, 'MEDIA_FAILED', 'ICE failed: no relay ä');
  expect((await devices.anasPhone.timeline(id)).at(-1)).toMatchObject({
    kind: 'ENDED',
    user: { id: devices.bensPhone.userId },
    deviceId: devices.bensPhone.id,
    bytes: null,
    detail: 'ICE failed: no relay ä',
  });
});

test('the detail has at most 1 KiB, counted in bytes, and can be stored', async () => {
  const id = await call('ringing');
  const refused = { extensions: { code: 'BAD_INPUT', field: 'detail' } };
  for (const detail of ['x'.repeat(1_025), 'ä'.repeat(513), 'a\0b', 'a\ud800b']) {
    await expect(devices.anasPhone.end(id, null, detail)).rejects.toMatchObject(refused);
  }
  expect(await devices.anasPhone.end(id, null, 'ä'.repeat(512))).toMatchObject({ status: 'ENDED' });
});

test('everybody is told of the end, once, whichever device asked', async () => {
  const [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  const tablet = await ben.another('tablet');
  await Promise.all([ana.connect(), ben.connect(), tablet.connect()]);
  const { id } = await ana.ring(ben);
  await ben.accept(id);
  await Promise.all([ana.end(id), ben.end(id), tablet.end(id, 'HUNG_UP')]);
  for (const device of [ana, ben, tablet]) {
    expect((await device.heard('ENDED', id)).call).toMatchObject({ status: 'ENDED', endReason: 'HUNG_UP' });
    expect(device.changes.filter(({ change }) => change === 'ENDED')).toHaveLength(1);
  }
  expect(await ana.activeCalls()).toEqual([]);
});
