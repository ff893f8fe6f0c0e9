import { expect, test } from 'vitest';
import { StormyCrowd } from '../scenarios/resume-storm.js';
import { createDatabase } from '../support/database.js';
import { figures, percentile } from '../support/figures.js';
import { startProcessForTest, type ServerProcess } from '../support/server-process.js';
import { StatementCounter, type Executions } from '../support/statement-counter.js';

const sockets = 5_000;
const backWithinMs = 30_000;

test(`${sockets} sockets that are cut at once are back within 30 seconds, on one node and on two`, async () => {
  const counter = await StatementCounter.startForTest(await createDatabase());
  const startNode = () => startProcessForTest({ environment: { DATABASE_URL: counter.url } });
  const first = await startNode();
  const crowd = await StormyCrowd.gather(first, sockets / 2);
  await storm([first]);
  await storm([first, await startNode()]);

  async function storm(nodes: readonly ServerProcess[]): Promise<void> {
    const cpuOfNodes = () => nodes.reduce((sum, node) => sum + node.cpuSeconds, 0);
    let cpuBefore = 0;
    let cpuSeconds = 0;
    let asked: ReadonlyMap<string, Executions> = new Map();
    const { back, tallies, sent } = await crowd.cutAllAtOnce(nodes, {
      isBack: () => {
        counter.take();
        cpuBefore = cpuOfNodes();
      },
      allAreBack: () => {
        asked = counter.take();
        cpuSeconds = cpuOfNodes() - cpuBefore;
      },
    });
    const positions = asked.get('inbox-state') ?? { times: 0, items: 0 };
    const pages = asked.get('inbox-catch-up') ?? { times: 0, items: 0 };
    const passwords = [...asked.keys()].filter((statement) => statement.includes('password'));
    const lastBackMs = Math.max(...back.tookMs);
    figures(`resume storm: ${sockets.toLocaleString('en')} sockets cut at once, ${nodes.length} node(s)`, {
      'all back after': `${(lastBackMs / 1_000).toFixed(1)} s (within 30 s)`,
      'half back after': `${(percentile(back.tookMs, 0.5) / 1_000).toFixed(1)} s`,
      'tries to connect': back.tries,
      'positions looked up': `${positions.items.toLocaleString('en')} in ${positions.times} statements`,
      'catch-up reads': `${pages.items.toLocaleString('en')} inboxes in ${pages.times} statements`,
      'statements that read a password': passwords.length,
      'CPU of the nodes': `${cpuSeconds.toFixed(1)} s`,
      'signals sent meanwhile': sockets * 3,
      'members who missed one, or had one twice or out of order': tallies.filter(({ faults, handled }) => faults > 0 || handled !== sent)
        .length,
    });
    expect(lastBackMs).toBeLessThan(backWithinMs);
    expect(tallies).toEqual(Array.from({ length: sockets }, () => ({ handled: sent, faults: 0, unrecovered: 0 })));
    expect(positions.items).toBeGreaterThanOrEqual(sockets);
    expect(positions.items).toBeLessThanOrEqual(back.tries);
    // Nobody is refused because so many come.
    expect(back.tries).toBeLessThan(sockets * 1.1);
    // One each, and one more for whom another node wrote a signal meanwhile.
    expect(pages.items).toBeLessThanOrEqual(sockets * nodes.length * 1.05);
    expect(passwords).toEqual([]);
  }
});
