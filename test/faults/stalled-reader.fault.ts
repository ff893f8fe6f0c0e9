import { expect, test } from 'vitest';
import { figures, percentile, secondsSince } from '../support/figures.js';
import { startProcessForTest, type ServerProcess } from '../support/server-process.js';
import { CrowdFlood } from '../scenarios/stalled-crowd.js';
import { bystanders, Flood } from '../scenarios/stalled-reader.js';

const mostGrowthKib = 32 * 1_024;
const readers = 100;
const whole = process.env['STALLED_SIGNALS'];
/**
 * To each of them. Large ones, for what the kernel takes for a socket on loopback, 3 MB, tells nothing of the server:
 * more has to come before it gives up a connection that answers no ping. STALLED_SIGNALS=10000 sends as many small ones.
 */
const { forEach, bytes: hundredBytes } = whole === undefined ? { forEach: 600, bytes: 8_000 } : { forEach: Number(whole), bytes: 200 };

test.each([
  { what: '100,000 signals of 200 bytes', count: 100_000, bytes: 200 },
  { what: '15,000 signals of 2.5 KB', count: 15_000, bytes: 2_500 },
])('a reader that stops while $what arrive costs the server next to nothing, and misses nothing', async ({ what, count, bytes }) => {
  // A small heap, which is swept often: in a large one garbage hides what is kept.
  const server = await startProcessForTest({ environment: { NODE_OPTIONS: '--max-old-space-size=128' } });
  // As many to somebody who reads: what the server needs for the work itself. Twice, for at first it has not grown to that yet.
  const reading = async (): Promise<void> => {
    const flood = await Flood.begin(server);
    await flood.listen();
    await flood.send(count, bytes);
    await flood.handledAll(240_000);
    await flood.end();
  };
  await reading();
  const healthy = await measured(server, reading);

  const flood = await Flood.begin(server);
  const stalled = await measured(server, async () => {
    const stalls = 2;
    for (let n = 0; n < stalls; n += 1) {
      // The server gives up a connection that answers no ping; the phone comes back and stops reading again.
      await flood.stall();
      await flood.send(count / stalls, bytes);
    }
  });
  const startedAt = performance.now();
  await flood.comeBack();
  await flood.handledAll(240_000);
  const caughtUp = secondsSince(startedAt);
  await flood.end();

  const growthMib = (stalled.mostKib - healthy.mostKib) / 1_024;
  figures(`stalled reader: ${what}`, {
    'server with a reader that reads': `at most ${mib(healthy.mostKib)} MiB, bystanders' p99 ${healthy.p99} ms, ${healthy.took}`,
    'with one that has stopped': `at most ${mib(stalled.mostKib)} MiB, bystanders' p99 ${stalled.p99} ms, ${stalled.took}`,
    growth: `${growthMib.toFixed(1)} MiB`,
    'caught up in': caughtUp,
    handled: flood.handled.length,
  });
  expect(server.isAlive).toBe(true);
  expect(growthMib * 1_024).toBeLessThan(mostGrowthKib);
  expect(flood.handled).toEqual(Array.from({ length: count }, (_, n) => n + 1));
});

test(`a hundred readers that stop while ${forEach.toLocaleString('en')} signals arrive for each cost little, and miss nothing`, async () => {
  const server = await startProcessForTest({ environment: { NODE_OPTIONS: '--max-old-space-size=192' } });
  const reading = await CrowdFlood.begin(server, readers);
  const healthy = await measured(server, async () => {
    await reading.send(forEach, hundredBytes);
    await reading.handledAll(240_000);
  });
  await reading.end();

  const stopping = await CrowdFlood.begin(server, readers);
  await stopping.stall();
  const stalled = await measured(server, () => stopping.send(forEach, hundredBytes));
  const startedAt = performance.now();
  await stopping.comeBack();
  const faulty = await stopping.handledAll(240_000);
  const caughtUp = secondsSince(startedAt);
  await stopping.end();

  const growthMib = (stalled.mostKib - healthy.mostKib) / 1_024;
  figures(`${readers} stalled readers: ${(readers * forEach).toLocaleString('en')} signals of ${hundredBytes.toLocaleString('en')} bytes`, {
    'with readers that read': `at most ${mib(healthy.mostKib)} MiB, bystanders' p99 ${healthy.p99} ms, ${healthy.took}`,
    'with readers that have stopped': `at most ${mib(stalled.mostKib)} MiB, bystanders' p99 ${stalled.p99} ms, ${stalled.took}`,
    growth: `${growthMib.toFixed(1)} MiB (at most 64)`,
    'caught up in': caughtUp,
    'readers who missed one, or had one twice or out of order': faulty,
  });
  expect(server.isAlive).toBe(true);
  expect(growthMib).toBeLessThan(64);
  expect(stalled.p99).toBeLessThan(2 * healthy.p99);
  expect(faulty).toBe(0);
});

/** The most memory that the server held while that went on, and how bystanders fared. */
async function measured(server: ServerProcess, run: () => Promise<void>) {
  const startedAt = performance.now();
  const others = await bystanders(server);
  let mostKib = 0;
  const sampling = setInterval(() => (mostKib = Math.max(mostKib, server.residentKib)), 100);
  try {
    await run();
  } finally {
    clearInterval(sampling);
  }
  const latencies = await others.stop();
  return { mostKib, p99: Number(percentile(latencies, 0.99).toFixed(0)), took: secondsSince(startedAt) };
}

function mib(kib: number): string {
  return (kib / 1_024).toFixed(0);
}
