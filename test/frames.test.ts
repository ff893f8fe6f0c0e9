import { afterAll, beforeAll, expect, test } from 'vitest';
import { frame, FrameSocket, opcodes, type FrameParts } from './support/frame-socket.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const most = 262_144;

/** A ping of the protocol of exactly so many bytes: its answer repeats what it carries. */
function pingOf(bytes: number): string {
  const empty = JSON.stringify({ type: 'ping', payload: { x: '' } });
  return JSON.stringify({ type: 'ping', payload: { x: 'x'.repeat(bytes - empty.length) } });
}

const inPieces = (text: string, bytes: number): FrameParts[] =>
  Array.from({ length: Math.ceil(text.length / bytes) }, (_, n) => ({
    opcode: n === 0 ? opcodes.text : opcodes.continuation,
    fin: (n + 1) * bytes >= text.length,
    payload: text.slice(n * bytes, (n + 1) * bytes),
  }));

test.for([
  ['a message of 256 KiB', [{ payload: pingOf(most) }]],
  ['one of as many in four fragments', inPieces(pingOf(most), 65_536)],
  ['one in 1,024 fragments', inPieces(pingOf(1_024), 1)],
] as const)('%s is answered', async ([, parts]) => {
  const socket = await FrameSocket.open(server.webSocketUrl, { acknowledged: true });
  await socket.write(Buffer.concat(parts.map(frame)));
  await until('a pong', () => socket.messages.some(({ type }) => type === 'pong') || socket.closeCode);
  expect(socket.closeCode).toBeNull();
  socket.cut();
});

test.for([
  ['a message of 256 KiB and a byte', 1009, [{ payload: pingOf(most + 1) }]],
  ['one of as many in fragments', 1009, inPieces(pingOf(most + 1), 65_536)],
  ['one in 1,025 fragments', 1008, inPieces(pingOf(1_025), 1)],
  ['a compressed message', 1002, [{ payload: pingOf(100), reserved: 4 }]],
  ['a frame with a reserved bit', 1002, [{ payload: pingOf(100), reserved: 2 }]],
  ['a frame of an opcode that there is not', 1002, [{ payload: pingOf(100), opcode: 3 }]],
  ['a frame that is not masked', 1002, [{ payload: pingOf(100), masked: false }]],
  ['a ping in fragments', 1002, [{ opcode: opcodes.ping, fin: false }]],
  ['a continuation of nothing', 1002, [{ opcode: opcodes.continuation, payload: '{}' }]],
  ['a text that is not UTF-8', 1007, [{ payload: Buffer.from([0x22, 0xc3, 0x28, 0x22]) }]],
  ['a text that is no JSON', 4400, [{ payload: '{"type":' }]],
  ['a message of the server', 4400, [{ payload: JSON.stringify({ type: 'next', id: 'x', payload: {} }) }]],
  ['an acknowledgement', 4400, [{ payload: JSON.stringify({ type: 'connection_ack' }) }]],
  ['a ping of 50,000 levels', 4400, [{ payload: `{"type":"ping","payload":{"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}}` }]],
] as const)('%s is refused with %i', async ([, code, parts]) => {
  const socket = await FrameSocket.open(server.webSocketUrl, { acknowledged: true });
  await socket.write(Buffer.concat(parts.map(frame)));
  expect(await socket.closed()).toBe(code);
  socket.cut();
});

test.for([
  ['a frame of an opcode that there is not', 1002, frame({ opcode: 3 })],
  ['a text that is not UTF-8', 1007, frame({ payload: Buffer.from([0x22, 0xc3, 0x28, 0x22]) })],
  ['a message of 256 KiB and a byte', 1009, frame({ payload: pingOf(most + 1) })],
  ['no message of the protocol', 4400, frame({ payload: '{}' })],
] as const)('what was answered before %s is sent before the close', async ([, code, wrong]) => {
  const socket = await FrameSocket.open(server.webSocketUrl, { acknowledged: true });
  const asks = Array.from({ length: 3 }, (_, n) => ({ id: `${n}`, type: 'subscribe', payload: { query: '{ __typename }' } }));
  const pings = Array.from({ length: 3 }, () => ({ type: 'ping' }));
  // Anonymous operations have their turns one after the other; pings are answered at once.
  await socket.write(Buffer.concat([...pings, ...asks].map((message) => frame({ payload: JSON.stringify(message) }))));
  await until('the last answer', () => socket.messages.filter(({ type }) => type === 'complete').length === 3);
  await socket.write(Buffer.concat([...pings.map((message) => frame({ payload: JSON.stringify(message) })), wrong]));
  expect(await socket.closed()).toBe(code);
  expect(socket.messages.filter(({ type }) => type === 'pong')).toHaveLength(6);
  socket.cut();
});

test('a frame that arrives in more than 1,024 pieces is refused with 1008', async () => {
  const socket = await FrameSocket.open(server.webSocketUrl, { acknowledged: true });
  const bytes = frame({ payload: pingOf(4_000) });
  for (let n = 0; n < bytes.length && socket.closeCode === null; n += 1) {
    await socket.write(bytes.subarray(n, n + 1));
    // So that no two of them arrive together.
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await socket.closed()).toBe(1008);
  socket.cut();
});

test('a peer that does not answer the close frame is cut off', async () => {
  const socket = await FrameSocket.open(server.webSocketUrl);
  socket.say({ type: 'subscribe', id: '1', payload: { query: '{ __typename }' } });
  expect(await socket.closed()).toBe(4401);
  expect(socket.isGone).toBe(false);
  await until('the server to let go', () => socket.isGone, { withinMs: 8_000 });
});
