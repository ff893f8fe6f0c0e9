import { createClient, type Client } from 'graphql-ws';
import type { Session } from './session.js';

const pingEveryMs = 10_000;
const pongWithinMs = 5_000;
const tokenRefused = 4403;

/** The WebSocket of a device, that comes back by itself for as long as the session lasts. */
export function createSocket(session: Session): Client {
  let pong: ReturnType<typeof setTimeout> | undefined;
  const socket = createClient({
    url: async () => {
      // Before there is a socket: the server waits three seconds for `connection_init`, and a renewal may take longer.
      await session.authorization();
      return session.url.replace(/^http/, 'ws');
    },
    connectionParams: async () => ({ Authorization: await session.authorization() }),
    // graphql-ws gives up after five attempts unless it is told otherwise, and its own waits grow without end.
    retryAttempts: Infinity,
    shouldRetry: () => !session.isOver,
    retryWait: (retries) => new Promise((resolve) => setTimeout(resolve, Math.min(15_000, 400 * 2 ** retries) * (0.5 + Math.random() / 2))),
    // Without a ping a dead connection is found out when the operating system gives it up, after minutes.
    keepAlive: pingEveryMs,
    on: {
      ping: (received) => {
        if (!received) pong = setTimeout(() => socket.terminate(), pongWithinMs);
      },
      pong: (received) => {
        if (received) clearTimeout(pong);
      },
      closed: (event) => {
        clearTimeout(pong);
        if ((event as CloseEvent).code === tokenRefused) void session.renew().catch(() => undefined);
      },
    },
  });
  return socket;
}
