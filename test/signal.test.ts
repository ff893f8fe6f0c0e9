import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp, twoInACall } from './support/device.js';
import { startServer, type TestServer } from './support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test('a payload arrives byte for byte as it was sent', async () => {
  const { ana, ben, callId } = await twoInACall(server);
  const payload = 'v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n"quotes" \\ back \u2028 \u{1F4DE} ä \t\u0001';
  await ana.send(callId, 'OFFER', payload);
  expect(await ben.received(payload)).toMatchObject({ callId, kind: 'OFFER', from: { id: ana.userId }, fromDeviceId: ana.id });
});

test('signals of one socket arrive in the order in which they were sent', async () => {
  const { ana, ben, callId } = await twoInACall(server);
  const payloads = Array.from({ length: 300 }, (_, n) => `candidate ${n}`);
  await Promise.all(payloads.map((payload) => ana.stream(callId, 'ICE_CANDIDATE', payload)));
  await ben.received('candidate 299');
  expect(ben.signals.map(({ payload }) => payload)).toEqual(payloads);
});

test('an ANSWER from a ringing device accepts the call, and the candidates behind it stay behind it', async () => {
  const [ana, ben] = [await signUp(server), await signUp(server)];
  await Promise.all([ana.connect(), ben.connect()]);
  const call = await ana.ring(ben);
  await ana.send(call.id, 'OFFER', 'the offer');
  await ben.received('the offer');
  const sent = ['the answer', 'c1', 'c2', 'c3'].map((payload, n) => ben.stream(call.id, n === 0 ? 'ANSWER' : 'ICE_CANDIDATE', payload));
  await Promise.all(sent);
  await ana.received('c3');
  expect(ana.signals.map(({ payload }) => payload)).toEqual(['the answer', 'c1', 'c2', 'c3']);
  expect(await ana.call(call.id)).toMatchObject({ status: 'ACTIVE', calleeDeviceId: ben.id });
});
