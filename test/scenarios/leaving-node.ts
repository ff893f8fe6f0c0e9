import { gather } from '../support/crowd.js';
import { Device, twoInACall } from '../support/device.js';
import { HeldRow } from '../support/held-row.js';
import type { ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';
import { Flood } from './stalled-reader.js';

export interface LeavingNode {
  readonly notReadyAfterMs: number;
  /** Milliseconds from SIGTERM to the close of each idle client, which stays for as long as it is let. */
  readonly closedAfterMs: readonly number[];
  readonly codes: readonly number[];
  /** Idle clients that were told ServerDraining, once. */
  readonly told: number;
  /** Operations that were under way on a socket when its turn came, and their answers. */
  readonly underWay: number;
  readonly answered: number;
  readonly exit: { readonly code: number | null; readonly afterMs: number };
}

const operationsUnderWay = 20;
/** Idle clients that connect before the one with operations, and so are let go before it. */
const before = 20;

/**
 * A node is told to stop: with idle clients, with one that does not read what waits for it, and with one that still sends
 * when the first are let go, and whose operations wait for a lock when its turn comes.
 */
export async function leaveNode(node: ServerProcess, idleClients: number): Promise<LeavingNode> {
  const idle = (await gather(node, idleClients)).map((session) => new Device(node, session));
  const stalled = await Flood.begin(node);
  await stalled.stall();
  await stalled.send(400, 20_000);
  for (const device of idle.slice(0, before)) await device.connect();
  const { ana, ben, callId } = await twoInACall(node);
  for (const device of idle.slice(before)) await device.connect();

  const startedAt = performance.now();
  const since = (): number => performance.now() - startedAt;
  const closes = idle.map(async ({ socket }) => ({ code: (await socket.closed).code, afterMs: since() }));
  const exit = node.stop().then(({ code }) => ({ code, afterMs: since() }));
  const notReadyAfterMs = await until('the node not to be ready', async () => {
    const { status } = await fetch(node.url.replace('/graphql', '/readyz'));
    return status === 503 ? since() : null;
  });

  await closes[0];
  const held = await HeldRow.take(node.databaseUrl, ben);
  const answers = Array.from({ length: operationsUnderWay }, (_, n) => ana.stream(callId, 'CUSTOM', `${n}`, `${n}`));
  const settled = Promise.allSettled(answers);
  await held.awaited();
  // Those behind it are let go; it waits for its answers.
  await closes[before + 5];
  await held.letGo();
  const answered = (await settled).filter(({ status }) => status === 'fulfilled').length;

  const closed = await Promise.all(closes);
  const left = await exit;
  await Promise.all([stalled.end(), ana.leave(), ben.leave()]);
  return {
    notReadyAfterMs,
    closedAfterMs: closed.map(({ afterMs }) => afterMs),
    codes: closed.map(({ code }) => code),
    told: idle.filter(({ events }) => events.filter(({ __typename }) => __typename === 'ServerDraining').length === 1).length,
    underWay: operationsUnderWay,
    answered,
    exit: left,
  };
}
