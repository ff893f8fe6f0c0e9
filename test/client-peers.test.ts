import { afterAll, beforeAll, expect, test } from 'vitest';
import { RTCPeerConnection, type RTCDataChannel } from 'werift';
import type { Call, CreatePeerConnection, Switchboard } from '../src/client/index.js';
import { phoneOf, ringOf } from './support/phone.js';
import { Proxy } from './support/proxy.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

// Real peer connections, of a library for Node: enough for data channels. Media, glare of offers and ICE restarts want a browser.

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const loopback = '127.0.0.1';

/** Makes peer connections on this machine alone, and counts them. */
function peers(): { readonly createPeerConnection: CreatePeerConnection; readonly made: RTCPeerConnection[] } {
  const made: RTCPeerConnection[] = [];
  const createPeerConnection: CreatePeerConnection = () => {
    const connection = new RTCPeerConnection({
      iceServers: [],
      iceUseIpv6: false,
      iceInterfaceAddresses: { udp4: loopback },
      iceAdditionalHostAddresses: [loopback],
    });
    made.push(connection);
    return connection as unknown as globalThis.RTCPeerConnection;
  };
  return { createPeerConnection, made };
}

async function twoPhones() {
  const [hers, his] = [peers(), peers()];
  const proxy = await Proxy.start(server);
  const [ana, ben] = await Promise.all([
    phoneOf(server, undefined, { url: proxy.url, createPeerConnection: hers.createPeerConnection }),
    phoneOf(server, undefined, { createPeerConnection: his.createPeerConnection }),
  ]);
  const leave = async (): Promise<void> => {
    await Promise.all([ana.close(), ben.close()]);
    await proxy.stop();
  };
  return { ana, ben, proxy, made: { ana: hers.made, ben: his.made }, leave };
}

const weriftOf = (call: Call): RTCPeerConnection => call.connection as unknown as RTCPeerConnection;

/** A data channel from the caller; resolves with what the callee reads of it. */
async function talk(call: Call, theirs: Call, text: string): Promise<string> {
  const arrived = new Promise<string>((resolve) => {
    weriftOf(theirs).onDataChannel.subscribe((channel: RTCDataChannel) => {
      channel.onMessage.subscribe((data) => resolve(data.toString()));
    });
  });
  const channel = weriftOf(call).createDataChannel(text);
  channel.stateChanged.subscribe((state) => state === 'open' && channel.send(Buffer.from(text)));
  return arrived;
}

async function answered(ana: Switchboard, ben: Switchboard): Promise<[Call, Call]> {
  const rings = ringOf(ben);
  const call = await ana.call(ben.user!.id, { media: 'DATA' });
  const theirs = await rings;
  await theirs.accept();
  await until('ACTIVE', () => call.status === 'ACTIVE');
  return [call, theirs];
}

test.concurrent('two peers find each other by the signals of a call', async () => {
  const { ana, ben, made, leave } = await twoPhones();
  const [call, theirs] = await answered(ana, ben);
  const states: string[] = [];
  theirs.on('connection', (state) => states.push(state));
  expect(await talk(call, theirs, 'hello')).toBe('hello');
  expect(states).toContain('connected');
  await theirs.hangUp();
  await until('the end', () => call.status === 'ENDED');
  for (const [connection] of [made.ana, made.ben]) expect(connection!.signalingState).toBe('closed');
  await leave();
});

test.concurrent('an offer and candidates that come before the answer are kept for it', async () => {
  const { ana, ben, leave } = await twoPhones();
  const rings = ringOf(ben);
  const call = await ana.call(ben.user!.id, { media: 'DATA' });
  const channel = weriftOf(call).createDataChannel('early');
  const open = new Promise<void>((resolve) => channel.stateChanged.subscribe((state) => state === 'open' && resolve()));
  const theirs = await rings;
  await until('the offer on its way', () => ben.cursor !== null && weriftOf(call).localDescription !== null);
  await theirs.accept();
  await open;
  await leave();
});

test.concurrent.for([
  ['before the offer', false],
  ['behind it', true],
] as const)('of candidates that are none, %s, each is told of, and the peers find each other by the rest', async ([, isBehind]) => {
  const { ana, ben, leave } = await twoPhones();
  const rings = ringOf(ben);
  const call = await ana.call(ben.user!.id, { media: 'DATA' });
  const theirs = await rings;
  const told: Error[] = [];
  theirs.on('error', (error) => told.push(error));
  const noise = async (): Promise<void> => {
    for (const payload of ['no JSON', 'null', '7', '{"candidate":"nonsense","sdpMid":"0"}', '[7,{},[[]]]'])
      await call.send(payload, 'ICE_CANDIDATE');
    await call.send('an answer to nothing', 'ANSWER');
  };
  if (!isBehind) await noise();
  const channel = weriftOf(call).createDataChannel('early');
  const open = new Promise<void>((resolve) => channel.stateChanged.subscribe((state) => state === 'open' && resolve()));
  if (isBehind) await noise();
  await theirs.accept();
  await open;
  expect(told.length).toBeGreaterThan(0);
  expect(told.every((error) => error instanceof Error)).toBe(true);
  await leave();
});

test.concurrent('of a caller who sends without end before the answer a megabyte is kept, and the call can be hung up', async () => {
  const { ben, leave } = await twoPhones();
  const mallory = await phoneOf(server);
  const rings = ringOf(ben);
  const call = await mallory.call(ben.user!.id, { media: 'DATA' });
  const theirs = await rings;
  const told: string[] = [];
  theirs.on('error', ({ message }) => told.push(message));
  let heard = 0;
  ben.on('event', ({ __typename }) => (heard += __typename === 'SignalReceived' ? 1 : 0));
  for (let n = 0; n < 33; n += 1) await call.send('x'.repeat(32_000), 'ICE_CANDIDATE');
  await until('all of them', () => heard === 33);
  expect(told).toEqual(Array.from({ length: 2 }, () => 'Too much was sent before the answer.'));
  await theirs.accept();
  await until('what was kept', () => told.length === 33);
  await theirs.hangUp();
  await mallory.close();
  await leave();
});

test.concurrent('the peers find each other over a connection that breaks', async () => {
  const { ana, ben, proxy, leave } = await twoPhones();
  const [call, theirs] = await answered(ana, ben);
  const arrived = talk(call, theirs, 'hello');
  proxy.cut();
  expect(await arrived).toBe('hello');
  await leave();
});

test.concurrent('a call that is accepted twice at once has one peer', async () => {
  const { ana, ben, made, leave } = await twoPhones();
  const rings = ringOf(ben);
  await ana.call(ben.user!.id);
  const theirs = await rings;
  await Promise.all([theirs.accept(), theirs.accept()]);
  expect(made.ben).toHaveLength(1);
  await leave();
});

test.concurrent('hanging up stops the media at once, whether or not there is a network', async () => {
  const { ana, ben, proxy, made, leave } = await twoPhones();
  const [call, theirs] = await answered(ana, ben);
  proxy.goDown();
  await until('the loss', () => ana.connectionState !== 'connected');
  const hungUp = call.hangUp();
  expect(made.ana[0]!.signalingState).toBe('closed');
  expect(theirs.status).toBe('ACTIVE');
  proxy.comeUp();
  await hungUp;
  await until('the end', () => theirs.status === 'ENDED');
  await leave();
});

test.concurrent('a call that is hung up while its peer is being made has none that is open', async () => {
  const { ana, ben, made, leave } = await twoPhones();
  const rings = ringOf(ben);
  const call = await ana.call(ben.user!.id);
  const theirs = await rings;
  await Promise.all([theirs.accept(), theirs.hangUp()]);
  await until('the end', () => call.status === 'ENDED' && theirs.status === 'ENDED');
  expect(made.ben.filter(({ signalingState }) => signalingState !== 'closed')).toEqual([]);
  await leave();
});

test.concurrent('a phone that is closed closes the peers of its calls', async () => {
  const { ana, ben, made, leave } = await twoPhones();
  await answered(ana, ben);
  await leave();
  for (const [connection] of [made.ana, made.ben]) expect(connection!.signalingState).toBe('closed');
});
