import { setTimeout as delay } from 'node:timers/promises';

import type { WebSocket } from 'ws';

import { CHEAP_LOGINS, connectIdle } from './idle-devices.ts';
import { collectGarbage, INSPECTABLE } from './inspector.ts';
import type { Options } from './options.ts';
import { residentKib } from './process-usage.ts';
import { ServerProcess } from './server-process.ts';
import { launchSwitchboard } from './switchboard-program.ts';

const SETTLE_MS = 10_000;
/** Enough for the code of a connection to be compiled, which is no cost of a device. */
const WARMUP_DEVICES = 200;

/**
 * Resident memory of the node with so many idle devices, each signed in as a user of its own and subscribed: KiB for each.
 * Without garbage, which is of their logins: a node collects it when it needs the room.
 */
export async function benchMemory({ devices, switchboardCommand }: Options): Promise<number> {
  const inspectable = switchboardCommand.replace(/^node /, `node ${INSPECTABLE} `);
  const server = await ServerProcess.start((place) => launchSwitchboard(inspectable, place, CHEAP_LOGINS));
  const sockets: WebSocket[] = [];
  try {
    await connectIdle(server, 0, WARMUP_DEVICES, sockets);
    const before = await settled(server);
    await connectIdle(server, WARMUP_DEVICES, WARMUP_DEVICES + devices, sockets);
    const after = await settled(server);
    const closed = sockets.filter((socket) => socket.readyState !== socket.OPEN).length;
    if (closed > 0) throw new Error(`${closed} of ${sockets.length} sockets did not stay open.`);
    const mib = (kib: number): string => `${(kib / 1_024).toFixed(1)} MiB`;
    const each = (kib: number): number => (kib - before.cleanKib) / devices;
    console.log(`resident with ${WARMUP_DEVICES} devices: ${mib(before.cleanKib)}`);
    console.log(`resident with ${devices} more:   ${mib(after.cleanKib)}, with the garbage of their logins ${mib(after.kib)}`);
    console.log(`a device: ${each(after.cleanKib).toFixed(1)} KiB; with the garbage ${each(after.kib).toFixed(1)} KiB`);
    return each(after.cleanKib);
  } finally {
    for (const socket of sockets) socket.terminate();
    await server.stop();
  }
}

interface Resident {
  readonly kib: number;
  readonly cleanKib: number;
}

async function settled(server: ServerProcess): Promise<Resident> {
  await delay(SETTLE_MS);
  const kib = residentKib(server.pid);
  await collectGarbage(server);
  await delay(1_000);
  return { kib, cleanKib: residentKib(server.pid) };
}
