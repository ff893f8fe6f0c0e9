import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp, type Device } from './support/device.js';
import { letRingOut } from './support/meddle.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Ana has a phone and a laptop, Ben a phone, a tablet and a watch; nobody is connected. */
async function everybody() {
  const [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  const [laptop, tablet, watch] = await Promise.all([ana.another('laptop'), ben.another('tablet'), ben.another('watch')]);
  return { ana, laptop, ben, tablet, watch };
}

const changesOf = (device: Device) => device.changes.map(({ change }) => change);
const payloadsOf = (device: Device) => device.signals.map(({ payload }) => payload);

test('a call rings on every device of the callee that is connected, and on one that connects while it still rings', async () => {
  const { ana, ben, tablet, watch } = await everybody();
  await Promise.all([ben.connect(), tablet.connect()]);
  const { id } = await ana.ring(ben);
  for (const device of [ben, tablet]) await device.heard('CREATED', id);
  await ben.heard('RINGING', id);
  expect(await watch.connect()).toMatchObject({ recovered: true, activeCalls: [{ id, status: 'RINGING', direction: 'INCOMING' }] });
  expect((await watch.heard('CREATED', id)).call).toMatchObject({ status: 'RINGING', calleeDeviceId: null });
});

test('within a second after one device has answered, the others that are connected are told ANSWERED_ELSEWHERE', async () => {
  const { ana, ben, tablet, watch } = await everybody();
  await Promise.all([ben.connect(), tablet.connect(), watch.connect()]);
  const { id } = await ana.ring(ben);
  await Promise.all([ben, tablet, watch].map((device) => device.heard('RINGING', id)));
  await tablet.accept(id);
  const answeredAt = performance.now();
  for (const other of [ben, watch]) {
    expect((await other.heard('ANSWERED_ELSEWHERE', id)).call).toMatchObject({ status: 'ACTIVE', calleeDeviceId: tablet.id });
  }
  expect(performance.now() - answeredAt).toBeLessThan(1_000);
  await tablet.heard('ANSWERED', id);
  expect(changesOf(tablet)).not.toContain('ANSWERED_ELSEWHERE');
});

test('a device that was away when another one answered is told ANSWERED_ELSEWHERE on replay, by its stream and by the query', async () => {
  const { ana, ben, tablet, watch } = await everybody();
  await tablet.connect();
  const { id } = await ana.ring(ben);
  await tablet.heard('RINGING', id);
  tablet.cut();
  await ben.accept(id);
  await tablet.comeBack();
  await tablet.heard('ANSWERED_ELSEWHERE', id);
  expect(changesOf(tablet)).toEqual(['CREATED', 'RINGING', 'ANSWERED_ELSEWHERE']);
  const { events } = await watch.page();
  expect(events.map((event) => event.__typename === 'CallChanged' && event.change)).toEqual(['CREATED', 'RINGING', 'ANSWERED_ELSEWHERE']);
  expect((await ben.page()).events.at(-1)).toMatchObject({ change: 'ANSWERED' });
});

const endings = {
  'was answered elsewhere': ({ ben }: { ana: Device; ben: Device }, id: string) => ben.accept(id),
  'was cancelled': ({ ana }: { ana: Device; ben: Device }, id: string) => ana.end(id),
  'was declined': ({ ben }: { ana: Device; ben: Device }, id: string) => ben.end(id),
  'rang out': async ({ ana }: { ana: Device; ben: Device }, id: string) => {
    await letRingOut(server, id);
    await until('the end', async () => (await ana.call(id))?.status === 'ENDED');
  },
};
test.for(Object.entries(endings))('the replayed ring of a call that %s is never shown as ringing', async ([, stopRinging]) => {
  const { ana, ben, tablet, watch } = await everybody();
  await Promise.all([tablet.connect(), watch.connect()]);
  const before = watch.lastCursor;
  watch.cut();
  const { id } = await ana.ring(ben);
  await tablet.heard('RINGING', id);
  tablet.cut();
  const seen = tablet.events.length;
  await stopRinging({ ana, ben }, id);
  const status = (await ana.call(id))?.status;
  for (const [device, after] of [
    [tablet, tablet.lastCursor],
    [watch, before],
  ] as const) {
    const ready = await device.connect(after);
    expect(ready.recovered).toBe(true);
    for (const call of ready.activeCalls) expect(call.status).toBe('ACTIVE');
    await until('the last change', () => device.changes.some(({ change }) => ['ANSWERED_ELSEWHERE', 'ENDED'].includes(change)));
  }
  const replayed = [...tablet.events.slice(seen), ...watch.events].filter((event) => event.__typename === 'CallChanged');
  expect(replayed.map(({ change }) => change)).toEqual(expect.arrayContaining(['CREATED', 'RINGING']));
  for (const { call } of [...replayed, ...(await watch.page(before)).events.filter((event) => event.__typename === 'CallChanged')]) {
    expect(call.status).toBe(status);
  }
});

test('before the answer the offer and the candidates reach every device of the callee, those that connect later too, in order', async () => {
  const { ana, ben, tablet, watch } = await everybody();
  await Promise.all([ana.connect(), ben.connect()]);
  const { id } = await ana.ring(ben);
  await ana.stream(id, 'OFFER', 'offer');
  await Promise.all(['1', '2', '3'].map((payload) => ana.stream(id, 'ICE_CANDIDATE', payload)));
  await tablet.connect();
  await ana.stream(id, 'ICE_CANDIDATE', '4');
  for (const device of [ben, tablet]) {
    await device.received('4');
    expect(payloadsOf(device)).toEqual(['offer', '1', '2', '3', '4']);
  }
  // The one that answers was not even there: what waited for it comes before what follows the answer.
  await watch.accept(id);
  await ana.stream(id, 'ICE_CANDIDATE', '5');
  await watch.connect();
  await watch.received('5');
  expect(payloadsOf(watch)).toEqual(['offer', '1', '2', '3', '4', '5']);
});

test('after the answer the signals of the caller reach the answering device alone, and those of the callee the calling device alone', async () => {
  const { ana, laptop, ben, tablet, watch } = await everybody();
  await Promise.all([ana, laptop, ben, tablet].map((device) => device.connect()));
  const { id } = await ana.ring(ben);
  await ana.send(id, 'OFFER', 'offer');
  await Promise.all([ben, tablet].map((device) => device.received('offer')));
  await ben.send(id, 'ANSWER', 'answer');
  for (const [from, payload] of [
    [ana, 'from ana'],
    [ben, 'from ben'],
    [ana, 'again'],
    [ben, 'again from ben'],
  ] as const) {
    await from.send(id, 'CUSTOM', payload);
  }
  await ana.end(id);
  await watch.connect();
  await Promise.all([ana, laptop, ben, tablet].map((device) => device.heard('ENDED', id)));
  expect(payloadsOf(ana)).toEqual(['answer', 'from ben', 'again from ben']);
  expect(payloadsOf(ben)).toEqual(['offer', 'from ana', 'again']);
  expect(payloadsOf(laptop)).toEqual([]);
  expect(payloadsOf(tablet)).toEqual(['offer']);
  for (const device of [laptop, tablet]) {
    const { events } = await device.page(device.events[0]?.cursor ?? null);
    expect(events.filter(({ __typename }) => __typename === 'SignalReceived')).toHaveLength(payloadsOf(device).length);
  }
});
