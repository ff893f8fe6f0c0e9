import fc from 'fast-check';
import { stories, type Story } from './call-commands.js';
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
  /** What was asked and how it was answered, how often: whether chance has been everywhere. */
  readonly tally: Readonly<Record<string, number>>;
}

/** From the environment (`SEED=7 npx vitest run model`), or a new one. */
export function chooseSeed(): number {
  const given = process.env['SEED'];
  return given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
}

/** Plays chance stories on a server and on the model of the contract. The same seed and lanes give the same stories. */
export async function checkAgainstModel(server: TestServer, { seed, lanes, runs, shrink }: ModelCheck): Promise<ModelVerdict> {
  const tally: Record<string, number> = {};
  const saw = (what: string): void => void (tally[what] = (tally[what] ?? 0) + 1);
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
          await playStory(players, story, saw);
          party = players;
        });
        const details = await fc.check(property, { seed: seed + lane, numRuns: Math.ceil(runs / lanes), endOnFailure: !shrink });
        return { runs: details.numRuns, fault: details.failed ? `lane ${lane}: ${tell(details)}` : null };
      }),
    );
    return {
      runs: verdicts.reduce((sum, verdict) => sum + verdict.runs, 0),
      fault: verdicts.find(({ fault }) => fault !== null)?.fault ?? null,
    };
  } finally {
    await database.close();
  }
}

/** The story that failed, a line for each command, and what differed. */
function tell({ counterexample, errorInstance, numShrinks }: fc.RunDetails<[Story]>): string {
  const [story] = counterexample ?? [];
  const lines = story?.commands.map((command) => `  ${JSON.stringify(command)}`) ?? [];
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return [`shrunk ${numShrinks} times`, `  online: ${story?.online.join(', ')}`, ...lines, why].join('\n');
}
