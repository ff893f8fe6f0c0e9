import { expect, test } from 'vitest';
import { HealthyTalk, told } from '../scenarios/healthy-talk.js';
import { openFiles, openMany, silentSocket } from '../scenarios/idle-wires.js';
import { figures, ms, percentile } from '../support/figures.js';
import { inspected, Inspector } from '../support/inspector.js';
import { metricsOf } from '../support/metrics-page.js';
import { startProcessForTest } from '../support/server-process.js';
import { until } from '../support/until.js';

const count = 2_000;
const mostKept = 4 * 1_048_576;

test(`${count.toLocaleString('en')} sockets that never say who they are are closed with 4408 after 3 seconds, and leave nothing behind`, async () => {
  const server = await startProcessForTest({ environment: { NODE_OPTIONS: inspected, LIMIT_UNAUTHENTICATED_SOCKETS_PER_IP: '0' } });
  const inspector = await Inspector.openForTest(server);
  const talk = await HealthyTalk.begin(server);
  const before = await talk.during(5_000);
  const [sockets, files, held] = [await socketsOf(server), openFiles(server), await inspector.heldBytes()];

  let most = 0;
  const silence = async () => {
    const opened = await openMany(count, async (n) => {
      const silent = await silentSocket(server.webSocketUrl, n % 2 === 0);
      if (n % 100 === 0) most = Math.max(most, await socketsOf(server));
      return silent;
    });
    const closed = await Promise.all(opened.map((silent) => silent.closed));
    const toldAt = performance.now();
    // Every second one does not answer the close frame.
    await until('the server to let go of all', () => opened.every(({ socket }) => socket.isGone));
    return { closed, stubbornMs: performance.now() - toldAt };
  };
  const silent = silence();
  const during = await talk.during(silent);
  const { closed, stubbornMs } = await silent;
  await until('all files to be closed', () => openFiles(server) <= files);
  const kept = (await inspector.heldBytes()) - held;
  const left = await socketsOf(server);
  const faulty = await talk.end();

  const afterMs = closed.map((it) => it.afterMs);
  figures(`${count.toLocaleString('en')} sockets that never send connection_init`, {
    'open at once': most - sockets,
    'told to go with 4408 (after 3,000 ms)': `${closed.filter(({ code }) => code === 4408).length}, after ${ms(Math.min(...afterMs))} to ${ms(Math.max(...afterMs))}, median ${ms(percentile(afterMs, 0.5))}`,
    'cut off where they do not answer the close': `${ms(stubbornMs)} later`,
    'sockets and memory left over': `${left - sockets} and ${(kept / 1_048_576).toFixed(1)} MiB (at most ${mostKept / 1_048_576})`,
    'signals before': told(before),
    'signals meanwhile': told(during),
  });
  expect(new Set(closed.map(({ code }) => code))).toEqual(new Set([4408]));
  expect(Math.min(...afterMs)).toBeGreaterThan(2_500);
  expect(percentile(afterMs, 0.5)).toBeLessThan(4_000);
  expect(Math.max(...afterMs)).toBeLessThan(8_000);
  expect(left).toBe(sockets);
  expect(kept).toBeLessThan(mostKept);
  expect(faulty).toBe(0);
});

async function socketsOf(server: { readonly url: string }): Promise<number> {
  return (await metricsOf(server)).value('sockets');
}
