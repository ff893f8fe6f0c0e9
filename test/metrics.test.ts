import { once } from 'node:events';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { Histogram } from '../src/histogram.js';
import { signUp, twoInACall } from './support/device.js';
import { metricsOf } from './support/metrics-page.js';
import { startServerForTest } from './support/server.js';
import { until } from './support/until.js';

test('/metrics tells how calls and operations went, and nobody can be found in it', async () => {
  const server = await startServerForTest();
  const { ana, ben, callId } = await twoInACall(server);
  await ana.stream(callId, 'OFFER', 'an offer');
  await ben.received('an offer');
  await expect(ana.stream(callId, 'BYE' as 'CUSTOM', 'of no kind')).rejects.toMatchObject({ code: 'BAD_QUERY' });
  await expect(ana.ring(ana)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  await expect(ana.ask('{ nothing }')).rejects.toMatchObject({ code: 'BAD_QUERY' });
  await ana.end(callId);
  await ben.heard('ENDED', callId);
  const second = await ana.ring(ben);
  await ana.heard('RINGING', second.id);
  await ben.end(second.id);
  await Promise.all([ana.heard('ENDED', second.id), ben.heard('ENDED', second.id)]);

  const { value, text } = await metricsOf(server);
  expect(['placed', 'rang', 'answered'].map((step) => value('calls_total', { step }))).toEqual([2, 2, 1]);
  expect(['HUNG_UP', 'DECLINED', 'NO_ANSWER'].map((reason) => value('calls_ended_total', { reason }))).toEqual([1, 1, 0]);
  // Two sign-ups, two rings, an acceptance, two endings.
  expect(value('operations_total', { transport: 'http', outcome: 'OK' })).toBe(7);
  expect(value('operations_total', { transport: 'http', outcome: 'BAD_INPUT' })).toBe(1);
  expect(value('operations_total', { transport: 'http', outcome: 'BAD_QUERY' })).toBe(1);
  // Two subscriptions and a signal.
  expect(value('operations_total', { transport: 'websocket', outcome: 'OK' })).toBe(3);
  expect(value('operations_total', { transport: 'websocket', outcome: 'BAD_QUERY' })).toBe(1);
  expect([value('sockets'), value('subscriptions'), value('devices'), value('streams_behind')]).toEqual([2, 2, 2, 0]);
  expect([value('ready'), value('bus_listening'), value('signals_queued'), value('pool_waiting')]).toEqual([1, 1, 0, 0]);
  expect(value('pool_connections')).toBeGreaterThan(value('pool_idle'));
  expect(value('lease_renewals_total', { outcome: 'anew' })).toBe(1);
  expect(value('janitor_rounds_total', { outcome: 'done' })).toBe(1);
  for (const secret of [ana.userId, ana.id, ana.session.user.username, callId, second.id, 'an offer']) expect(text).not.toContain(secret);
});

test('a signal is counted with the time of its commit, and once for each stream that it is delivered to', async () => {
  const server = await startServerForTest();
  const { ana, ben, callId } = await twoInACall(server);
  const before = await metricsOf(server);
  const tablet = await ben.another('tablet');
  await tablet.connect();
  await Promise.all([ana.stream(callId, 'OFFER', 'one'), ana.stream(callId, 'ICE_CANDIDATE', 'two')]);
  await ben.stream(callId, 'ANSWER', 'three');
  await Promise.all([ben.received('two'), ana.received('three')]);
  const after = await metricsOf(server);
  const grew = (name: string) => after.value(name) - before.value(name);
  expect([grew('signal_seconds_count'), grew('commit_rows_sum')]).toEqual([3, 3]);
  expect(grew('commit_rows_count')).toBe(grew('commit_seconds_count'));
  // They are for the device that answered: the tablet of the callee is given none of them, nor is what it replays a delivery.
  expect(grew('delivery_seconds_count')).toBe(3);
  expect(after.value('delivery_seconds_bucket', { le: '5' })).toBe(after.value('delivery_seconds_count'));
});

test('a stream that resumes is counted by whether it missed something, and its replay is no delivery', async () => {
  const server = await startServerForTest();
  const { ana, ben, callId } = await twoInACall(server);
  const starts = async () => {
    const { value } = await metricsOf(server);
    return ['no-cursor', 'recovered', 'not-recovered', 'lost'].map((outcome) => value('resumes_total', { outcome }));
  };
  expect(await starts()).toEqual([2, 0, 0, 0]);
  ben.cut();
  await until('the socket to be gone', async () => (await metricsOf(server)).value('sockets_closed_total', { code: '1006' }) === 1);
  const delivered = (await metricsOf(server)).value('delivery_seconds_count');
  await ana.stream(callId, 'OFFER', 'while he was away');
  await ben.comeBack();
  await ben.received('while he was away');
  expect(await starts()).toEqual([2, 1, 0, 0]);
  expect((await metricsOf(server)).value('delivery_seconds_count')).toBe(delivered);
  const position = ben.lastCursor?.slice(0, 16);
  await ben.leave();
  await ben.connect(`${position}${'0'.repeat(16)}`);
  expect(await starts()).toEqual([2, 1, 1, 0]);
});

test('sockets are counted by the code they closed with, and any other number as other', async () => {
  const server = await startServerForTest();
  const [ana, ben] = await Promise.all([signUp(server), signUp(server)]);
  await Promise.all([ana.connect(), ben.connect()]);
  const stranger = new WebSocket(server.webSocketUrl, 'graphql-transport-ws');
  stranger.once('open', () => stranger.close(4_999));
  await once(stranger, 'close');
  await ana.leave();
  await ben.logOut();
  const closed = async () => {
    const { value } = await metricsOf(server);
    return ['1000', '1006', '4403', 'other'].map((code) => value('sockets_closed_total', { code }));
  };
  await until('all to be closed', async () => (await metricsOf(server)).value('sockets') === 0);
  expect(await closed()).toEqual([1, 0, 1, 1]);
});

test('a stream that is not read is behind until it is', async () => {
  const server = await startServerForTest();
  const { ana, ben, callId } = await twoInACall(server);
  const behind = async () => (await metricsOf(server)).value('streams_behind');
  ben.socket.stall();
  await until(
    'the reader to be behind',
    async () => {
      await Promise.all(Array.from({ length: 20 }, () => ana.stream(callId, 'CUSTOM', 'x'.repeat(32_000))));
      return (await behind()) === 1;
    },
    { withinMs: 20_000 },
  );
  ben.socket.resume();
  await until('the reader to be at the end', async () => (await behind()) === 0, { withinMs: 20_000 });
});

test('a histogram counts a value at a bound as being within it', () => {
  const histogram = new Histogram({ name: 'rows', help: 'Rows', bounds: [1, 5] });
  for (const value of [0, 1, 2, 5, 6]) histogram.observe(value);
  expect(histogram.text().split('\n')).toEqual([
    '# HELP rows Rows',
    '# TYPE rows histogram',
    'rows_bucket{le="1"} 2',
    'rows_bucket{le="5"} 4',
    'rows_bucket{le="+Inf"} 5',
    'rows_sum 14',
    'rows_count 5',
    '',
  ]);
});
