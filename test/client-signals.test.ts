import { afterAll, beforeAll, expect, test } from 'vitest';
import { operations, type Call, type Signal } from '../src/client/index.js';
import { phoneOf, ringOf } from './support/phone.js';
import { Proxy } from './support/proxy.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Two phones in a call, the caller behind a network of her own. */
async function inACall() {
  const proxy = await Proxy.start(server);
  const [ana, ben] = await Promise.all([phoneOf(server, undefined, { url: proxy.url }), phoneOf(server)]);
  const rings = ringOf(ben);
  const call = await ana.call(ben.user!.id);
  const theirs: Call = await rings;
  const heard: Signal[] = [];
  theirs.on('signal', ({ kind, payload }) => heard.push({ kind, payload }));
  await theirs.accept();
  await until('ACTIVE', () => call.status === 'ACTIVE');
  const leave = async (): Promise<void> => {
    await Promise.all([ana.close(), ben.close()]);
    await proxy.stop();
  };
  return { proxy, ana, ben, call, theirs, heard, leave };
}

test.concurrent('a signal whose receipt is lost is sent again with its key, and delivered once', async () => {
  const { proxy, ana, call, heard, leave } = await inACall();
  for (let n = 0; n < 5; n += 1) {
    proxy.loseAnswer('"sendSignal"');
    await call.send(`${n}`);
    expect(proxy.hasLostIt).toBe(true);
  }
  await call.send('the last');
  await until('the last', () => heard.length >= 6);
  expect(heard.map(({ payload }) => payload)).toEqual(['0', '1', '2', '3', '4', 'the last']);
  const { call: told } = await ana.request(operations.timelineOperation, { id: call.id });
  expect(told?.timeline.filter(({ kind }) => kind === 'CUSTOM')).toHaveLength(6);
  await leave();
});

test.concurrent('signals that are sent at once arrive in order over a connection that breaks', async () => {
  const { proxy, call, heard, leave } = await inACall();
  const payloads = Array.from({ length: 60 }, (_, n) => `${n}`);
  const sending = Promise.all(payloads.map((payload) => call.send(payload)));
  for (const count of [5, 20, 40]) {
    await until('some', () => heard.length >= count);
    proxy.cut();
  }
  await sending;
  await until('all', () => heard.length >= payloads.length);
  expect(heard.map(({ payload }) => payload)).toEqual(payloads);
  await leave();
});

test.concurrent('a payload that is too long is refused, told, and the next one goes on', async () => {
  const { call, heard, leave } = await inACall();
  const failures: Error[] = [];
  call.on('error', (error) => failures.push(error));
  const tooLong = call.send('x'.repeat(33 * 1024));
  const next = call.send('short');
  await expect(tooLong).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', details: { field: 'payload' } });
  await next;
  await until('the next', () => heard.length === 1);
  expect(heard).toEqual([{ kind: 'CUSTOM', payload: 'short' }]);
  expect(failures).toMatchObject([{ code: 'LIMIT_EXCEEDED' }]);
  await leave();
});

test.concurrent('a call that is over rejects what waits and what comes', async () => {
  const { proxy, call, theirs, leave } = await inACall();
  const failures: Error[] = [];
  call.on('error', (error) => failures.push(error));
  proxy.goDown();
  const waiting = Promise.allSettled(['1', '2', '3'].map((payload) => call.send(payload)));
  await theirs.hangUp();
  proxy.comeUp();
  for (const result of await waiting) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'CALL_STATE_CONFLICT' } });
  await until('the end', () => call.status === 'ENDED');
  await expect(call.send('late')).rejects.toMatchObject({ code: 'CALL_STATE_CONFLICT' });
  await leave();
});

test.concurrent('candidates that gather while the offer is under way arrive as one array, and the end behind them', async () => {
  const { proxy, ana, heard, call, leave } = await inACall();
  const { SignalQueue } = await import('../src/client/signal-queue.js');
  const queue = new SignalQueue({
    send: ({ kind, payload, key }) => ana.request(operations.sendSignalOperation, { input: { callId: call.id, kind, payload, key } }),
    onFailure: (error) => {
      throw error;
    },
  });
  proxy.loseAnswer('"sendSignal"');
  const candidates = Array.from({ length: 12 }, (_, n) => ({
    candidate: `candidate:${n} 1 udp 1 127.0.0.1 ${5_000 + n} typ host`,
    sdpMid: '0',
  }));
  const offer = queue.push('OFFER', 'v=0');
  for (const candidate of candidates) queue.pushCandidate(JSON.stringify(candidate));
  await Promise.all([offer, queue.push('ICE_CANDIDATE', '')]);
  await until('all of it', () => heard.length === 3);
  expect(heard.map(({ kind }) => kind)).toEqual(['OFFER', 'ICE_CANDIDATE', 'ICE_CANDIDATE']);
  expect(JSON.parse(heard[1]!.payload)).toEqual(candidates);
  expect(heard[2]!.payload).toBe('');
  await leave();
});
