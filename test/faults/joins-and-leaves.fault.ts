import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/build.js';
import { gatherPairs } from '../support/crowd.js';
import { CrowdProcess } from '../support/crowd-process.js';
import { figures } from '../support/figures.js';
import { inspected, Inspector } from '../support/inspector.js';
import { startProcessForTest, type ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

const joinsAnHour = 72_000;
const rounds = 12;
const members = 60;
const mostSlopeMib = 5;

test(`${joinsAnHour.toLocaleString('en')} joins and leaves leave nothing behind`, async () => {
  const server = await startProcessForTest({ environment: { NODE_OPTIONS: inspected } });
  const inspector = await Inspector.openForTest(server);
  const crowd = CrowdProcess.startForTest();
  const people = (await gatherPairs(server, members / 2)).flatMap(({ caller, callee }) => [caller, callee]);
  await crowd.do('arrive', people, [server.webSocketUrl]);
  expect(await counted(server, inspector)).toMatchObject({ sockets: members, subscriptions: members, iterators: members });
  await crowd.do('leave');
  await quiet(server);
  const atFirst = await counted(server, inspector);

  const heldMib: number[] = [];
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    await crowd.do('comeAndGo', joinsAnHour / rounds, members, [server.webSocketUrl]);
    await quiet(server);
    heldMib.push((await inspector.heldBytes()) / 1_048_576);
  }
  const joinsASecond = (joinsAnHour * 1_000) / (performance.now() - startedAt);
  const atLast = await counted(server, inspector);

  // The first quarter is what the code itself grows to: compiled functions, caches that have a bound.
  const slopeMib = slope(heldMib.slice(rounds / 4)) * rounds;
  figures(`${joinsAnHour.toLocaleString('en')} joins and leaves`, {
    'joins a second': Math.round(joinsASecond),
    'sockets, subscriptions, iterators before': `${atFirst.sockets}, ${atFirst.subscriptions}, ${atFirst.iterators}`,
    'and behind': `${atLast.sockets}, ${atLast.subscriptions}, ${atLast.iterators}`,
    'timers before and behind': `${atFirst.timers} and ${atLast.timers}`,
    'heap that is held, after each twelfth': heldMib.map((mib) => mib.toFixed(1)).join(' '),
    'slope of the heap, for the joins of an hour at 20 a second': `${slopeMib.toFixed(2)} MiB an hour (at most ${mostSlopeMib})`,
  });
  expect(atLast).toMatchObject({ sockets: 0, subscriptions: 0, iterators: 0 });
  expect(atLast.timers).toBeLessThanOrEqual(atFirst.timers);
  expect(slopeMib).toBeLessThan(mostSlopeMib);
});

/** What the server counts itself, and what is on its heap. */
async function counted(server: ServerProcess, inspector: Inspector) {
  const { Timeout: timers = 0 } = await inspector.resources();
  return {
    sockets: await metric(server, 'switchboard_sockets'),
    subscriptions: await metric(server, 'switchboard_subscriptions'),
    iterators: await inspector.instances(join(root, 'dist/inbox/subscriber.js'), 'Subscriber'),
    timers,
  };
}

/** Resolves when nobody is there any more: a device is forgotten a moment after its last socket. */
async function quiet(server: ServerProcess): Promise<void> {
  await until('all to have left', async () => (await metric(server, 'switchboard_sockets')) === 0);
}

async function metric({ url }: ServerProcess, name: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

/** Of the line that lies closest to the values, from one to the next. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const up = values.reduce((sum, value, n) => sum + (n - middle) * (value - mean), 0);
  return up / values.reduce((sum, _value, n) => sum + (n - middle) ** 2, 0);
}
