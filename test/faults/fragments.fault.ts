import { expect, test } from 'vitest';
import { HealthyTalk, told } from '../scenarios/healthy-talk.js';
import { openMany } from '../scenarios/idle-wires.js';
import { figures, ms, percentile } from '../support/figures.js';
import { frame, FrameSocket, opcodes } from '../support/frame-socket.js';
import { inspected, Inspector } from '../support/inspector.js';
import { startProcessForTest, type ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

const mib = 1_048_576;
const fragments = 100_000;
const floods = 20;
const rounds = 25;
const mostGrowthMib = 64;
const mostCpuMs = 50;

test(`${fragments.toLocaleString('en')} one-byte fragments of one message are refused, at a bounded price`, async () => {
  // A small heap, which is swept often, the young half of it too: in a large one garbage hides what is kept.
  const server = await startProcessForTest({ environment: { NODE_OPTIONS: '--max-old-space-size=96 --max-semi-space-size=2' } });
  const talk = await HealthyTalk.begin(server);
  const before = await talk.during(5_000);
  const bytes = fragmentsOfOneByte(fragments);
  const [fromKib, fromCpu] = [server.residentKib, server.cpuSeconds];
  const watch = watchMemory(server);
  const closed: { readonly code: number; readonly afterMs: number }[] = [];
  const flood = async (): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) {
      const sockets = await openMany(floods, () => FrameSocket.open(server.webSocketUrl, { acknowledged: true }));
      const startedAt = performance.now();
      const refused = sockets.map(async (socket) => {
        void socket.write(bytes);
        closed.push({ code: await socket.closed(), afterMs: performance.now() - startedAt });
        await until('the connection to be over', () => socket.isGone, { withinMs: 20_000 });
      });
      await Promise.all(refused);
    }
  };
  const during = await talk.during(flood());
  const cpuMs = (1_000 * (server.cpuSeconds - fromCpu)) / closed.length;
  const growthMib = (watch.stop() - fromKib) / 1_024;
  const faulty = await talk.end();

  const afterMs = closed.map((it) => it.afterMs);
  figures(`${fragments.toLocaleString('en')} fragments of one byte, ${floods} times at once, ${rounds} times`, {
    'refused with 1008': closed.filter(({ code }) => code === 1008).length,
    'refused after': `${ms(percentile(afterMs, 0.5))}, the last after ${ms(Math.max(...afterMs))}`,
    [`memory grows by (at most ${mostGrowthMib} MiB)`]: `${growthMib.toFixed(1)} MiB`,
    [`time of a core for each, all else the server does meanwhile included (at most ${mostCpuMs} ms)`]: ms(cpuMs),
    'signals before': told(before),
    'signals meanwhile': told(during),
  });
  expect(new Set(closed.map(({ code }) => code))).toEqual(new Set([1008]));
  expect(growthMib).toBeLessThan(mostGrowthMib);
  expect(cpuMs).toBeLessThan(mostCpuMs);
  expect(faulty).toBe(0);
});

const unfinished = [
  { what: '1,000 fragments of one byte', sockets: 500, bytes: fragmentsOfOneByte(1_000), mostKib: 384 },
  {
    what: '256 KiB but for a byte, in one frame',
    sockets: 200,
    bytes: frame({ payload: 'x'.repeat(262_143) }).subarray(0, -1),
    mostKib: 384,
  },
  { what: '256 KiB but for a byte, in 1,000 fragments', sockets: 200, bytes: fragmentsOf(262_143, 1_000), mostKib: 768 },
];

test('messages that are begun on many sockets and never ended cost what a message may have, and are freed with the socket', async () => {
  const server = await startProcessForTest({ environment: { NODE_OPTIONS: inspected } });
  const inspector = await Inspector.openForTest(server);
  const heldMib = async () => (await inspector.memory()) / mib;

  for (const { what, sockets: count, bytes, mostKib } of unfinished) {
    const without = await heldMib();
    const sockets = await openMany(count, () => FrameSocket.open(server.webSocketUrl, { acknowledged: true }));
    const idle = await heldMib();
    await Promise.all(sockets.map((socket) => socket.write(bytes)));
    const most = await settled(heldMib);
    const eachKib = (1_024 * (most - idle)) / count;
    const open = sockets.filter(({ closeCode }) => closeCode === null).length;
    for (const socket of sockets) socket.cut();
    const isFree = async () => (await heldMib()) < without + 8;
    await until('the memory to be free', isFree, { withinMs: 10_000, everyMs: 200 });

    figures(`${count} sockets with ${what}, and not the end of it`, {
      'still open': open,
      [`memory for each message (at most ${mostKib} KiB)`]: `${eachKib.toFixed(0)} KiB`,
      'held before, with them, and when they are gone': `${without.toFixed(0)}, ${most.toFixed(0)}, ${(await heldMib()).toFixed(0)} MiB`,
    });
    expect(open).toBe(count);
    expect(eachKib).toBeLessThan(mostKib);
  }
});

function fragmentsOfOneByte(count: number): Buffer {
  return fragmentsOf(count, count);
}

/** The beginning of a text message, in so many fragments, of which none is the last. */
function fragmentsOf(bytes: number, count: number): Buffer {
  const size = Math.ceil(bytes / count);
  const piece = frame({ opcode: opcodes.continuation, fin: false, payload: 'x'.repeat(size) });
  const first = Buffer.from(piece);
  first[0] = opcodes.text;
  return Buffer.concat([first, ...Array.from({ length: Math.floor(bytes / size) - 1 }, () => piece)]);
}

function watchMemory(server: ServerProcess): { stop(): number } {
  let most = server.residentKib;
  const sampling = setInterval(() => (most = Math.max(most, server.residentKib)), 20);
  return {
    stop() {
      clearInterval(sampling);
      return most;
    },
  };
}

/** What it comes to rest at. */
async function settled(look: () => Promise<number>): Promise<number> {
  let last = await look();
  return until(
    'the memory to settle',
    async () => {
      const now = await look();
      const isSettled = now - last < 1;
      last = now;
      return isSettled ? now : null;
    },
    { withinMs: 20_000, everyMs: 300 },
  );
}
