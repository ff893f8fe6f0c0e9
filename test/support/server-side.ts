import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { until } from './until.js';

/** Connections that a server in this process has open, by the port of the client. */
const connections = new Map<number, Socket>();

subscribe('net.server.socket', (message) => {
  const { socket } = message as { socket: Socket };
  const port = socket.remotePort ?? 0;
  connections.set(port, socket);
  socket.once('close', () => connections.get(port) === socket && connections.delete(port));
});

/** Resolves when the server in this process has noticed that the client of that port is gone, and has tidied up behind it. */
export async function serverHasNoticed(port: number): Promise<void> {
  const socket = connections.get(port);
  if (socket === undefined || !(await until('the server to notice', () => socket.closed))) return;
  // The subscription ends in the turns behind the socket's last event.
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
