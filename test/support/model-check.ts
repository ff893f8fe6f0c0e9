import fc from 'fast-check';
import { stories } from './call-commands.js';
import { playStory } from './call-run.js';
import { gatherParty, type Party } from './call-stage.js';
import type { TestServer } from './server.js';
import { SqlConnection } from './sql-connection.js';

export interface ModelCheck {
  readonly seed: number;
  /** Groups of people who play at the same time, each its share of the runs with a seed of its own. */
  readonly lanes: number;
  readonly runs: number;
  /** A found fault is made as short as it goes before it is reported. */
  readonly shrink: boolean;
}

export interface ModelVerdict {
  readonly runs: number;
  /** The shortest story that was found to differ, and how; null where there is none. */
  readonly fault: string | null;
}

/** From the environment (`SEED=7 npx vitest run model`), or a new one. */
export function chooseSeed(): number {
  const given = process.env['SEED'];
  return given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
}

/** Plays chance stories on a server and on the model of the contract. The same seed and lanes give the same stories. */
export async function checkAgainstModel(server: TestServer, { seed, lanes, runs, shrink }: ModelCheck): Promise<ModelVerdict> {
  const database = await SqlConnection.open(server.databaseUrl);
  try {
    const verdicts = await Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        let party: Party | null = null;
        const property = fc.asyncProperty(stories, async (story) => {
          party ??= await gatherParty(server, database);
          const players = party;
          // Whoever was in a story that failed is in an unknown state, and plays no other.
          party = null;
          try {
            await playStory(players, story);
            party = players;
          } finally {
            if (party === null) for (const device of Object.values(players.devices)) await device.leave();
          }
        });
        const details = await fc.check(property, { seed: seed + lane, numRuns: Math.ceil(runs / lanes), endOnFailure: !shrink });
        const left = party as Party | null;
        if (left !== null) for (const device of Object.values(left.devices)) await device.leave();
        return { runs: details.numRuns, fault: details.failed ? `lane ${lane}: ${fc.defaultReportMessage(details)}` : null };
      }),
    );
    return { runs: verdicts.reduce((sum, verdict) => sum + verdict.runs, 0), fault: verdicts.find(({ fault }) => fault !== null)?.fault ?? null };
  } finally {
    await database.close();
  }
}
