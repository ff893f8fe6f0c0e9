import { expect, test } from 'vitest';
import { signUp } from '../support/device.js';
import { figures } from '../support/figures.js';
import { frame, FrameSocket, opcodes } from '../support/frame-socket.js';
import { metricsOf } from '../support/metrics-page.js';
import { startProcessForTest } from '../support/server-process.js';
import { until } from '../support/until.js';

const goneWithinMs = 30_000;
const saysEveryMs = 500;

/** What a client says again and again that wants to look alive and reads nothing; it may have read one ping before. */
const lies: Readonly<Record<string, (ping: Uint8Array) => Buffer>> = {
  'pongs that nobody asked for': () => frame({ opcode: opcodes.pong, payload: 'here I am' }),
  'pongs without anything in them': () => frame({ opcode: opcodes.pong }),
  'the pong to an earlier ping': (ping) => frame({ opcode: opcodes.pong, payload: ping }),
  'pings of WebSocket': () => frame({ opcode: opcodes.ping, payload: 'are you there' }),
  'pings of graphql-transport-ws': () => frame({ payload: '{"type":"ping"}' }),
  'pongs of graphql-transport-ws': () => frame({ payload: '{"type":"pong"}' }),
  operations: () => frame({ payload: '{"id":"alive","type":"subscribe","payload":{"query":"{ __typename }"}}' }),
};

test('a client that reads nothing and says that it is there is gone within 30 seconds, whatever it says', async () => {
  const server = await startProcessForTest();
  const sockets = async () => (await metricsOf(server)).value('sockets');
  const gone = await Promise.all(
    Object.entries(lies).map(async ([what, lie]) => {
      const { token } = await signUp(server);
      const socket = await FrameSocket.open(server.webSocketUrl, { acknowledged: true, token });
      await socket.ask('subscription { inbox { __typename } }', {});
      const ping = await until('a first ping', () => socket.pings[0], { withinMs: 13_000 });
      await socket.write(frame({ opcode: opcodes.pong, payload: ping }));
      socket.stopReading();
      const stoppedAt = performance.now();
      const saying = setInterval(() => void socket.write(lie(ping)), saysEveryMs);
      // It does not read that it is over; what it writes comes to nothing.
      await until(`the one that says ${what} to be gone`, () => socket.isGone, { withinMs: goneWithinMs + 2 * saysEveryMs, everyMs: 50 });
      clearInterval(saying);
      return { what, afterMs: performance.now() - stoppedAt };
    }),
  );
  figures('clients that read nothing any more, and say again and again', {
    ...Object.fromEntries(
      gone.map(({ what, afterMs }) => [`${what}: gone (within ${goneWithinMs / 1_000} s)`, `${(afterMs / 1_000).toFixed(1)} s`]),
    ),
    'sockets left': await sockets(),
  });
  expect(Math.max(...gone.map(({ afterMs }) => afterMs))).toBeLessThan(goneWithinMs);
  expect(await sockets()).toBe(0);
});
