import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { WebhookEndpoint } from '../src/webhooks/webhook-endpoint.js';

const given = (head: string) => `HTTP/1.1 ${head}\r\n\r\n`;
const tryMs = 1_000;

/** What a try comes to where the receiver does that with the connection; it has a second. */
async function outcomeOf(answer: (socket: Socket) => void): Promise<number | string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const endpoint = new WebhookEndpoint({ url, allowPrivate: true, mostConnections: 1 });
  try {
    return await endpoint.post('{}', {}, AbortSignal.timeout(tryMs)).then(
      ({ status }) => status,
      (error: Error) => error.name,
    );
  } finally {
    endpoint.close();
    server.close();
  }
}

test.concurrent.for([
  ['offers another protocol', given('101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other'), 'Error'],
  ['says that there is more to come, and no more', given('103 Early Hints').repeat(1_000), 'AbortError'],
  ['speaks no HTTP', 'hello\r\n\r\n', 'Error'],
  ['never ends its headers', 'HTTP/1.1 200 OK\r\nX-Slow: ', 'AbortError'],
  ['sends headers without end', `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(100_000)}`, 'Error'],
  ['never ends its body', given('200 OK\r\nTransfer-Encoding: chunked'), 200],
] as const)('a receiver that %s does not hold a try up', { timeout: 2 * tryMs }, async ([, text, outcome]) => {
  expect(await outcomeOf((socket) => socket.write(text))).toBe(outcome);
});

test.concurrent('a receiver that hangs up without an answer fails the try, and behind a status it changes nothing', async () => {
  expect(await outcomeOf((socket) => socket.end())).toBe('Error');
  expect(await outcomeOf((socket) => socket.resetAndDestroy())).toBe('Error');
  expect(await outcomeOf((socket) => socket.end(`${given('200 OK\r\nContent-Length: 100')}a part`))).toBe(200);
});
