import { expect, onTestFinished, test } from 'vitest';
import { HealthyTalk, told } from '../scenarios/healthy-talk.js';
import { beginnings, IdleWire, openFiles, openMany } from '../scenarios/idle-wires.js';
import { figures, secondsSince } from '../support/figures.js';
import { HealthWatch } from '../support/health-watch.js';
import { startProcessForTest, type ServerProcess } from '../support/server-process.js';
import { slowHttp, type SlowRun } from '../support/slow-http.js';
import { until } from '../support/until.js';

const connections = 300;
const ofEachBeginning = 50;
/** Until the headers have to be there, and the body; and they are looked at every two seconds. */
const [headersWithinMs, bodyWithinMs] = [10_000 + 5_000, 30_000 + 5_000];

test(`${3 * connections} connections that take their time are all freed, and the server answers throughout`, async () => {
  const server = await startProcessForTest();
  const watch = HealthWatch.startForTest([server]);
  const talk = await HealthyTalk.begin(server);
  const before = await talk.during(5_000);
  const files = openFiles(server);

  const startedAt = performance.now();
  const freed: Record<string, string> = {};
  const most = watchFiles(server);
  const slowly = async () => {
    const runs: Promise<SlowRun>[] = [];
    for (const mode of ['slow headers', 'slow body', 'slow read'] as const) {
      const at = openFiles(server);
      runs.push(slowHttp(mode, server.url, connections, bodyWithinMs / 1_000 + 5));
      // One after the other: all are to be there at once.
      await until(`the connections of ${mode}`, () => openFiles(server) >= at + connections, { withinMs: 10_000, everyMs: 50 });
    }
    const idle = Object.entries(beginnings).map(async ([what, beginning]) => {
      const openedAt = performance.now();
      const wires = await openMany(ofEachBeginning, () => IdleWire.open(server, beginning));
      await until(`${what} to be given up`, () => wires.every(({ gone }) => gone), { withinMs: headersWithinMs });
      freed[`${ofEachBeginning} that say ${what}, and stay, freed (within ${headersWithinMs / 1_000} s)`] = secondsSince(openedAt);
      for (const wire of wires) wire.cut();
    });
    await Promise.all(idle);
    // Whoever reads slowly still does.
    await until('all to be freed', () => openFiles(server) <= files + 2, { withinMs: bodyWithinMs, everyMs: 50 });
    freed['none left, of those that read slowly either'] = `after ${secondsSince(startedAt)}`;
    return Promise.all(runs);
  };
  const all = slowly();
  const during = await talk.during(all);
  const runs = await all;
  const faulty = await talk.end();
  const notWell = watch.notWellSince(startedAt);

  figures(`slowhttptest: ${connections} connections each with slow headers, a slow body and slow reading`, {
    'connections at once': most.stop() - files,
    ...Object.fromEntries(
      runs.map(({ mode, freedAfterSeconds }) => [
        `${mode}: has no connection any more`,
        freedAfterSeconds === null ? 'it reads on' : `after ${freedAfterSeconds} s`,
      ]),
    ),
    ...freed,
    'looks at /healthz and /readyz, those without an answer': `${watch.looks}, ${notWell.length}`,
    'signals before': told(before),
    'signals meanwhile': told(during),
  });
  const [headers, body] = runs;
  expect(headers?.freedAfterSeconds).toBeLessThanOrEqual(headersWithinMs / 1_000);
  expect(body?.freedAfterSeconds).toBeLessThanOrEqual(bodyWithinMs / 1_000);
  expect(runs.filter(({ answered }) => !answered)).toEqual([]);
  expect(notWell).toEqual([]);
  expect(faulty).toBe(0);
  expect(server.isAlive).toBe(true);
});

function watchFiles(server: ServerProcess): { stop(): number } {
  let most = 0;
  const sampling = setInterval(() => (most = Math.max(most, openFiles(server))), 100);
  onTestFinished(() => clearInterval(sampling));
  return {
    stop() {
      clearInterval(sampling);
      return most;
    },
  };
}
