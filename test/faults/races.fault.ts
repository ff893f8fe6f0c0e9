import { describe, expect, test } from 'vitest';
import { Dice } from '../support/dice.js';
import { figures, secondsSince } from '../support/figures.js';
import { startProcessForTest } from '../support/server-process.js';
import { SqlConnection } from '../support/sql-connection.js';
import { raceForCalls, raceForTheCallee, raceIntoGlare, type RaceDeployment } from '../scenarios/races.js';

/** People in two calls at once, and calls that live without both of their parties in them. */
const inTwoCalls = `
  SELECT party FROM call c CROSS JOIN LATERAL (VALUES (c.caller_id), (c.callee_id)) AS p (party)
  WHERE c.status < 'ENDED' GROUP BY party HAVING count(*) > 1
  UNION ALL
  SELECT p.party FROM call c CROSS JOIN LATERAL (VALUES (c.caller_id), (c.callee_id)) AS p (party)
  LEFT JOIN live_call l ON l.user_id = p.party AND l.call_id = c.id WHERE c.status < 'ENDED' AND l.user_id IS NULL
  UNION ALL
  SELECT l.user_id FROM live_call l LEFT JOIN call c ON c.id = l.call_id AND c.status < 'ENDED' WHERE c.id IS NULL`;

describe.each([
  { where: 'on one node', nodes: 1, rounds: 200 },
  { where: 'over two nodes', nodes: 2, rounds: 50 },
])('$where', ({ where, nodes, rounds }) => {
  test('fifty at once accept, cancel and decline one call: one wins, and both sides are told the same', () =>
    race(`${rounds} calls, 50 at once`, raceForCalls));

  test('two call each other at one instant: they are in one call', () => race(`${rounds} glares`, raceIntoGlare));

  test('two call a third at one instant: one rings, one is told BUSY', () => race(`${rounds} busy`, raceForTheCallee));

  async function race(title: string, play: (deployment: RaceDeployment, rounds: number) => Promise<Record<string, number>>): Promise<void> {
    const dice = Dice.fromEnvironment();
    console.log(`  races: SEED=${dice.seed}`);
    const one = await startProcessForTest();
    const two = nodes === 1 ? [] : [await startProcessForTest({ environment: { DATABASE_URL: one.databaseUrl } })];
    const startedAt = performance.now();
    const double = await watchForTwoCalls(one.databaseUrl);
    const tally = await play({ nodes: [one, ...two], dice }, rounds);
    const looks = await double.stop();
    figures(`races ${where}: ${title}`, { ...tally, 'looks into live_call': looks, 'in two calls': 0, took: secondsSince(startedAt) });
  }
});

/** Looks again and again while the race is on; a person in two calls for a moment is one too many. */
async function watchForTwoCalls(databaseUrl: string) {
  const connection = await SqlConnection.open(databaseUrl);
  let over = false;
  let looks = 0;
  const watching = (async () => {
    while (!over) {
      expect(await connection.query(inTwoCalls)).toEqual([]);
      looks += 1;
    }
  })();
  watching.catch(() => undefined);
  return {
    async stop(): Promise<number> {
      over = true;
      try {
        await watching;
      } finally {
        await connection.close();
      }
      return looks;
    },
  };
}
