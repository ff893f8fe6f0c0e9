import { post } from './api.js';
import { RawSocket, type RawAnswer } from './raw-socket.js';
import type { TestServer } from './server.js';

export const transports = ['HTTP', 'WebSocket'] as const;
export type Transport = (typeof transports)[number];

type Addresses = Pick<TestServer, 'url' | 'webSocketUrl'>;

/** One operation by either way, with one shape of answer: for what has to hold on both alike. */
export async function ask(
  transport: Transport,
  server: Addresses,
  token: string | null,
  query: string,
  variables: object = {},
): Promise<RawAnswer> {
  if (transport === 'HTTP') return (await post<Record<string, unknown>>(server.url, token, query, variables)).body;
  const socket = await RawSocket.connect(server.webSocketUrl, token);
  try {
    return await socket.ask(query, variables);
  } finally {
    socket.terminate();
  }
}
