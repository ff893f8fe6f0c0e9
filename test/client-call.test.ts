import { afterAll, beforeAll, expect, test } from 'vitest';
import { SwitchboardError, type Call } from '../src/client/index.js';
import { phoneOf, ringOf } from './support/phone.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test.concurrent('a call rings, is answered, carries signals both ways, and ends for both', async () => {
  const [ana, ben] = await Promise.all([phoneOf(server), phoneOf(server)]);
  const incoming = ringOf(ben);
  const call = await ana.call(ben.user!.username);
  const theirs = await incoming;
  const heard: string[] = [];
  for (const [name, one] of [
    ['ana', call],
    ['ben', theirs],
  ] as const)
    one.on('signal', ({ payload }) => heard.push(`${name} ${payload}`));
  await call.send('an offer', 'OFFER');
  await until('RINGING', () => call.status === 'RINGING');
  await theirs.accept();
  await until('ACTIVE', () => call.status === 'ACTIVE');
  await theirs.send('an answer', 'ANSWER');
  await until('both signals', () => heard.length === 2);
  expect(heard.toSorted()).toEqual(['ana an answer', 'ben an offer']);
  const ended = new Promise((resolve) => theirs.on('ended', resolve));
  await call.hangUp();
  expect(await ended).toMatchObject({ id: call.id, endReason: 'HUNG_UP' });
  expect([ana.calls, ben.calls]).toEqual([[], []]);
});

test.concurrent('of two devices of the callee one answers, the other is told elsewhere and refused', async () => {
  const [ana, ben] = await Promise.all([phoneOf(server), phoneOf(server)]);
  const tablet = await phoneOf(server, ben);
  const rings = Promise.all([ringOf(ben), ringOf(tablet)]);
  await ana.call(ben.user!.id);
  const [there, here] = await rings;
  const elsewhere = new Promise((resolve) => here.on('elsewhere', resolve));
  await there.accept();
  await elsewhere;
  expect(here.isElsewhere).toBe(true);
  await expect(here.accept()).rejects.toMatchObject({ code: 'CALL_STATE_CONFLICT', details: { status: 'ACTIVE' } });
  await here.hangUp();
  await until('the end', () => there.status === 'ENDED');
});

test.concurrent('a busy callee is an outcome, a caller who is in a call and a name that nobody has are errors', async () => {
  const [ana, ben, cleo] = await Promise.all([phoneOf(server), phoneOf(server), phoneOf(server)]);
  const first = await ana.call(ben.user!.id);
  expect((await cleo.call(ben.user!.id)).info).toMatchObject({ status: 'ENDED', endReason: 'BUSY' });
  await expect(ana.call(cleo.user!.id)).rejects.toMatchObject({ code: 'ALREADY_IN_CALL', details: { callId: first.id } });
  const nobody = ana.call('nobody-of-that-name');
  await expect(nobody).rejects.toBeInstanceOf(SwitchboardError);
  await expect(nobody).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test.concurrent('two who call each other are in one call', async () => {
  const [ana, ben] = await Promise.all([phoneOf(server), phoneOf(server)]);
  const [one, other] = await Promise.all([ana.call(ben.user!.id), ben.call(ana.user!.id)]);
  expect(one.id).toBe(other.id);
  await until('ACTIVE', () => one.status === 'ACTIVE' && other.status === 'ACTIVE');
  expect([one.info.direction, other.info.direction].toSorted()).toEqual(['INCOMING', 'OUTGOING']);
});

test.concurrent('events come by an iterator too, in order, until the end', async () => {
  const [ana, ben] = await Promise.all([phoneOf(server), phoneOf(server)]);
  const incoming = ringOf(ben);
  const call = await ana.call(ben.user!.id);
  const events = call.events();
  const theirs: Call = await incoming;
  await until('RINGING', () => call.status === 'RINGING');
  await theirs.decline();
  const told: string[] = [];
  for await (const { type } of events) told.push(type);
  // RINGING may have come before there was anybody to read it.
  expect(told.filter((type) => type !== 'ringing')).toEqual(['ended']);
  expect(call.info).toMatchObject({ endReason: 'DECLINED' });
});
