import { afterAll, beforeAll, expect, test } from 'vitest';
import { operations, type Call } from '../src/client/index.js';
import { letRingOut } from './support/meddle.js';
import { phoneOf, ringOf } from './support/phone.js';
import { Proxy } from './support/proxy.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Two phones, the first behind a network of its own. */
async function twoPhones() {
  const proxy = await Proxy.start(server);
  const [ana, ben] = await Promise.all([phoneOf(server, undefined, { url: proxy.url }), phoneOf(server)]);
  const leave = async (): Promise<void> => {
    await Promise.all([ana.close(), ben.close()]);
    await proxy.stop();
  };
  return { proxy, ana, ben, leave };
}

async function inACall() {
  const scene = await twoPhones();
  const rings = ringOf(scene.ben);
  const call = await scene.ana.call(scene.ben.user!.id);
  const theirs = await rings;
  await theirs.accept();
  await until('ACTIVE', () => call.status === 'ACTIVE');
  return { ...scene, call, theirs };
}

test.concurrent('a call whose answer is lost on the way is made once', async () => {
  const { proxy, ana, ben, leave } = await twoPhones();
  const rung: Call[] = [];
  ben.on('incoming', (call) => rung.push(call));
  proxy.loseAnswer('"createCall"');
  const call = await ana.call(ben.user!.username);
  expect(proxy.hasLostIt).toBe(true);
  await until('RINGING', () => call.status === 'RINGING');
  expect(rung.map(({ id }) => id)).toEqual([call.id]);
  expect(ana.calls).toEqual([call]);
  const { calls } = await ben.request(operations.callsOperation, {});
  expect(calls.edges).toHaveLength(1);
  await leave();
});

test.concurrent('an answer and a hang-up whose receipts are lost count once, and reach the server', async () => {
  const { proxy, ana, ben, leave } = await twoPhones();
  const rings = ringOf(ana);
  const theirs = await ben.call(ana.user!.id);
  const call = await rings;
  proxy.loseAnswer('"acceptCall"');
  await call.accept();
  expect(proxy.hasLostIt).toBe(true);
  await until('the answer', () => theirs.status === 'ACTIVE');
  proxy.loseAnswer('"endCall"');
  await call.hangUp();
  expect(ana.calls).toEqual([]);
  expect(proxy.hasLostIt).toBe(true);
  await until('the end', () => theirs.info.endReason === 'HUNG_UP');
  await leave();
});

test.concurrent('a call that ended while this device was away is told as ended', async () => {
  const { proxy, ana, call, theirs, leave } = await inACall();
  proxy.goDown();
  await until('the loss', () => ana.connectionState !== 'connected');
  await theirs.hangUp();
  const ended = new Promise((resolve) => call.on('ended', resolve));
  proxy.comeUp();
  expect(await ended).toMatchObject({ endReason: 'HUNG_UP' });
  expect(ana.calls).toEqual([]);
  await leave();
});

test.concurrent('a call that rang out while this device was away never rings here', async () => {
  const { proxy, ana, ben, leave } = await twoPhones();
  let rung = 0;
  ana.on('incoming', () => (rung += 1));
  proxy.goDown();
  const call = await ben.call(ana.user!.id);
  await letRingOut(server, call.id);
  await until('the end', () => call.info.endReason === 'NO_ANSWER');
  proxy.comeUp();
  await until('the connection', () => ana.connectionState === 'connected');
  const rings = ringOf(ana);
  const next = await ben.call(ana.user!.id);
  expect((await rings).id).toBe(next.id);
  expect(rung).toBe(1);
  await leave();
});

test.concurrent('who hangs up without a network is waited for: the server hears it later', async () => {
  const { proxy, ana, call, theirs, leave } = await inACall();
  proxy.goDown();
  await until('the loss', () => ana.connectionState !== 'connected');
  const hungUp = call.hangUp({ detail: 'in a tunnel' });
  expect(theirs.status).toBe('ACTIVE');
  proxy.comeUp();
  await hungUp;
  expect(call.info).toMatchObject({ status: 'ENDED', endReason: 'HUNG_UP', endedBy: { id: ana.user!.id } });
  await until('the end there', () => theirs.info.endReason === 'HUNG_UP');
  await leave();
});

test.concurrent('a listener that comes late is told of what rings, and one that throws is in nobody’s way', async () => {
  const { ana, ben, leave } = await twoPhones();
  const rings = ringOf(ben);
  const call = await ana.call(ben.user!.id);
  await rings;
  const late: string[] = [];
  ben.on('incoming', ({ id }) => late.push(id));
  expect(late).toEqual([call.id]);
  const [ringing] = ben.calls;
  await ringing!.accept();
  ben.on('incoming', ({ id }) => late.push(`answered ${id}`));
  expect(late).toEqual([call.id]);
  await leave();
});

test.concurrent('a listener that is taken away is told nothing more', async () => {
  const { call, theirs, leave } = await inACall();
  const heard: string[] = [];
  const off = theirs.on('signal', ({ payload }) => heard.push(payload));
  await call.send('1');
  await until('the first', () => heard.length === 1);
  off();
  const rest: string[] = [];
  theirs.on('signal', ({ payload }) => rest.push(payload));
  await call.send('2');
  await until('the second', () => rest.length === 1);
  expect(heard).toEqual(['1']);
  await leave();
});

test.concurrent('a loop over the events may be left, and others go on', async () => {
  const { call, theirs, leave } = await inACall();
  const all: string[] = [];
  const reading = (async () => {
    for await (const event of theirs.events()) all.push(event.type === 'signal' ? event.detail.payload : event.type);
  })();
  const left = (async () => {
    for await (const event of theirs.events()) return event.type;
    return null;
  })();
  await call.send('1');
  await call.send('2');
  expect(await left).toBe('signal');
  await call.hangUp();
  await reading;
  expect(all).toEqual(['1', '2', 'ended']);
  await leave();
});

test.concurrent('two tabs of one device are both told of its calls, and either may end them', async () => {
  const { ana, ben, leave } = await twoPhones();
  const other = await phoneOf(server, ben);
  const rings = Promise.all([ringOf(ben), ringOf(other)]);
  const call = await ana.call(ben.user!.id);
  const [here, there] = await rings;
  await Promise.all([here.decline(), there.decline()]);
  await until('the end', () => call.info.endReason === 'DECLINED');
  expect([ben.calls, other.calls]).toEqual([[], []]);
  await other.close();
  await leave();
});

test.concurrent('what the server has said last counts, however late an older answer comes', async () => {
  const { ana, ben, leave } = await twoPhones();
  for (let round = 0; round < 10; round += 1) {
    const off = ben.on('incoming', (call) => void call.decline());
    const call = await ana.call(ben.user!.id);
    await until('the end', () => call.status === 'ENDED');
    off();
    expect(call.info.endReason).toBe('DECLINED');
    expect(ana.calls).toEqual([]);
  }
  await leave();
});
