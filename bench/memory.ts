import { setTimeout as delay } from 'node:timers/promises';

import type { WebSocket } from 'ws';

import { CHEAP_LOGINS, connectIdle } from './idle-devices.ts';
import type { Options } from './options.ts';
import { residentKib } from './process-usage.ts';
import { ServerProcess } from './server-process.ts';
import { launchSwitchboard } from './switchboard-program.ts';

const SETTLE_MS = 10_000;
/** Enough for the code of a connection to be compiled, which is no cost of a device. */
const WARMUP_DEVICES = 200;

/** Resident memory of the node with so many idle devices, each signed in as a user of its own and subscribed: KiB for each. */
export async function benchMemory({ devices, switchboardCommand }: Options): Promise<number> {
  const server = await ServerProcess.start((place) => launchSwitchboard(switchboardCommand, place, CHEAP_LOGINS));
  const sockets: WebSocket[] = [];
  try {
    await connectIdle(server, 0, WARMUP_DEVICES, sockets);
    const beforeKib = await settled(server);
    await connectIdle(server, WARMUP_DEVICES, WARMUP_DEVICES + devices, sockets);
    const afterKib = await settled(server);
    const closed = sockets.filter((socket) => socket.readyState !== socket.OPEN).length;
    if (closed > 0) throw new Error(`${closed} of ${sockets.length} sockets did not stay open.`);
    console.log(`resident with ${WARMUP_DEVICES} devices: ${(beforeKib / 1_024).toFixed(1)} MiB`);
    console.log(`resident with ${devices} more:   ${(afterKib / 1_024).toFixed(1)} MiB`);
    const eachKib = (afterKib - beforeKib) / devices;
    console.log(`a device: ${eachKib.toFixed(1)} KiB, garbage of its login included that nothing has made the node collect`);
    return eachKib;
  } finally {
    for (const socket of sockets) socket.terminate();
    await server.stop();
  }
}

async function settled(server: ServerProcess): Promise<number> {
  await delay(SETTLE_MS);
  return residentKib(server.pid);
}
