import fc from 'fast-check';
import { stories, type Story } from './call-commands.js';
import { playStory } from './call-run.js';
import { gatherParty, type Party } from './call-stage.js';
import type { TestServer } from './server.js';
import { SqlConnection } from './sql-connection.js';

export interface ModelCheck {
  readonly seed: number;
  /** Groups of people who play at the same time, each its share of the stories with a seed of its own. */
  readonly lanes: number;
  readonly stories: number;
  /** A fault is made as short as it goes before it is reported; else the first one found ends all. */
  readonly shrink: boolean;
}

export interface ModelVerdict {
  /** Stories that were played. */
  readonly played: number;
  /** A story on which server and model differ, and how; null where there is none. */
  readonly fault: string | null;
  /** What was asked and how it was answered, how often: whether chance has been everywhere. */
  readonly tally: Readonly<Record<string, number>>;
}

/** From the environment (`SEED=7 npx vitest run model`), or a new one. */
export function chooseSeed(): number {
  const given = process.env['SEED'];
  return given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
}

/** Plays stories of chance on a server and on the model of the contract. The same seed and lanes give the same stories. */
export async function checkAgainstModel(server: TestServer, check: ModelCheck): Promise<ModelVerdict> {
  const tally: Record<string, number> = {};
  const saw = (what: string): void => void (tally[what] = (tally[what] ?? 0) + 1);
  const database = await SqlConnection.open(server.databaseUrl);
  const faults: string[] = [];
  let played = 0;

  async function playLane(lane: number): Promise<void> {
    let party: Party | null = null;
    const property = fc.asyncProperty(stories, async (story) => {
      if (!check.shrink && faults.length > 0) return;
      const players = party ?? (await gatherParty(server, database));
      // Whoever was in a story that failed is in an unknown state, and plays no other.
      party = null;
      played += 1;
      await playStory(players, story, saw);
      party = players;
    });
    const numRuns = Math.ceil(check.stories / check.lanes);
    const details = await fc.check(property, { seed: check.seed + lane, numRuns, endOnFailure: !check.shrink });
    if (details.failed) faults.push(tell(details));
  }

  try {
    await Promise.all(Array.from({ length: check.lanes }, (_, lane) => playLane(lane)));
  } finally {
    await database.close();
  }
  return { played, fault: faults[0] ?? null, tally };
}

/** The story that failed, a line for each command, and what differed. */
function tell({ counterexample, errorInstance, numShrinks }: fc.RunDetails<[Story]>): string {
  const [story] = counterexample ?? [];
  const lines = story?.commands.map((command) => `  ${JSON.stringify(command)}`) ?? [];
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return [`shrunk ${numShrinks} times`, `  online: ${story?.online.join(', ')}`, ...lines, why].join('\n');
}
