import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { loadConfig } from '../src/config.js';
import { Connection } from '../src/server/connection.js';
import { OpenSockets, type SocketOwner } from '../src/server/open-sockets.js';
import { until } from './support/until.js';

const { limits } = loadConfig({});

/** Sockets of a clock that is set by hand, each of a device of its own, and which of those was warned. */
async function startSockets() {
  const clock = { nowMs: Date.now() };
  const warned: [deviceId: string, expiresAt: Date][] = [];
  const nothing = (): void => undefined;
  const listener = {
    onConnected: nothing,
    onDisconnected: nothing,
    onClosed: nothing,
    onExpiring: ({ deviceId }: SocketOwner, expiresAt: Date) => void warned.push([deviceId, expiresAt]),
  };
  const sockets = new OpenSockets(listener, () => clock.nowMs);
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  sockets.start();
  onTestFinished(() => {
    sockets.stop();
    server.close();
  });
  const connect = async (deviceId: string, tokenExpiresAt: Date): Promise<WebSocket> => {
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await new Promise<void>((resolve) => {
      server.once('connection', (socket, { socket: wire }) => {
        sockets.bind(sockets.add(new Connection({ socket, wire, address: '127.0.0.1', limits })), {
          userId: 'ana',
          deviceId,
          tokenExpiresAt,
        });
        resolve();
      });
    });
    return client;
  };
  return { clock, warned, connect };
}

test('a socket is warned a minute before its token of a quarter of an hour ends, once, and closed with 4403 at the end', async () => {
  const { clock, warned, connect } = await startSockets();
  const [early, late] = [900_000, 901_000].map((ms) => new Date(clock.nowMs + ms)) as [Date, Date];
  await connect('early', early);
  const socket = await connect('late', late);
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));

  clock.nowMs = early.getTime() - 60_001;
  // By whose warning it shows that all of them were looked at.
  await connect('brief', new Date(clock.nowMs));
  await until('the brief one to be warned', () => warned.length > 0);
  expect(warned.map(([deviceId]) => deviceId)).toEqual(['brief']);
  clock.nowMs = early.getTime() - 60_000;
  await until('the early one to be warned', () => warned.length > 1);
  expect(warned.slice(1)).toEqual([['early', early]]);
  clock.nowMs = late.getTime() - 60_000;
  await until('the late one to be warned', () => warned.length > 2);
  expect(warned.slice(2)).toEqual([['late', late]]);

  clock.nowMs = late.getTime();
  const endedAt = performance.now();
  expect(await closed).toBe(4_403);
  expect(performance.now() - endedAt).toBeLessThan(2_000);
  expect(warned).toHaveLength(3);
});
