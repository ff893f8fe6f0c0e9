import type { historyQuery } from '../src/calls/call-history.repository.ts';
import type { BenchDatabase } from './bench-database.ts';
import { median } from './statistics.ts';
import type { HistoryPageRequest, SwitchboardClient, SwitchboardSession } from './switchboard-client.ts';

const PAGE = 20;
const LONGEST_PAGE = 100;
const WARMUP_REQUESTS = 60;
const EXPLAINED = 41;

/** One page that a user asks for. */
export interface Case {
  readonly name: string;
  readonly session: SwitchboardSession;
  /** Of the user, in the whole table. */
  readonly calls: number;
  readonly request: HistoryPageRequest;
}

export interface CaseFigures extends Case {
  readonly rows: number;
  readonly apiMs: number;
  readonly databaseMs: number;
  readonly pages: number;
  readonly plan: string;
}

/** The pages that are measured of one user: the first ones, those from the middle of the history, and narrowed ones. */
export async function casesOf(
  client: SwitchboardClient,
  session: SwitchboardSession,
  calls: number,
  counterparts: readonly string[],
): Promise<Case[]> {
  const middle = await cursorBehind(client, session, Math.floor(calls / 2));
  const narrowed = (name: string, filter: NonNullable<HistoryPageRequest['filter']>): [string, HistoryPageRequest][] => [
    [`${name}, first`, { first: PAGE, filter }],
    [`${name}, from the middle`, { first: PAGE, filter, after: middle }],
  ];
  const requests: [string, HistoryPageRequest][] = [
    ['all, first', { first: PAGE }],
    ['all, from the middle', { first: PAGE, after: middle }],
    ...narrowed('missed', { missed: true }),
    ...narrowed('with a frequent counterpart', { with: counterparts[0]! }),
    ...narrowed('with a rare counterpart', { with: counterparts.at(-1)! }),
  ];
  return requests.map(([name, request]) => ({ name, session, calls, request }));
}

/** Over the API all cases in turn, so that a machine that slows down does so for all of them; then each by Postgres's own account. */
export async function measureCases(
  client: SwitchboardClient,
  database: BenchDatabase,
  rows: number,
  cases: readonly Case[],
  repeats: number,
): Promise<CaseFigures[]> {
  const query = await historyQueryOfServer();
  const times = cases.map((): number[] => []);
  for (let round = -WARMUP_REQUESTS; round < repeats; round += 1) {
    for (const [place, { session, request }] of cases.entries()) {
      const startedAt = performance.now();
      await client.history(session, request);
      if (round >= 0) times[place]!.push(performance.now() - startedAt);
    }
  }
  const figures: CaseFigures[] = [];
  for (const [place, one] of cases.entries()) {
    const { statement, values } = query(...parameters(one));
    const executions = await database.explain(statement.text, values, EXPLAINED);
    const { pages, text: plan } = executions.at(-1)!;
    figures.push({
      ...one,
      rows,
      apiMs: median(times[place]!),
      databaseMs: median(executions.map(({ milliseconds }) => milliseconds)),
      pages,
      plan,
    });
  }
  return figures;
}

async function cursorBehind(client: SwitchboardClient, session: SwitchboardSession, calls: number): Promise<string> {
  let after: string | null = null;
  for (let passed = 0; passed < calls; passed += LONGEST_PAGE) {
    after = (await client.history(session, { first: Math.min(LONGEST_PAGE, calls - passed), after })).endCursor;
  }
  if (after === null) throw new Error('The history is empty.');
  return after;
}

/** Of the server that was built, typed by its source: the built files have no types. */
async function historyQueryOfServer(): Promise<typeof historyQuery> {
  const built: unknown = await import(new URL('../dist/calls/call-history.repository.js', import.meta.url).href);
  return (built as { historyQuery: typeof historyQuery }).historyQuery;
}

/** As the service reads the request. */
function parameters({ session, request: { first, after, filter } }: Case): Parameters<typeof historyQuery> {
  const [ms, id] = after == null ? [] : Buffer.from(after, 'base64url').toString().split('.');
  const cursor = ms === undefined || id === undefined ? null : { createdAt: new Date(Number(ms)), id };
  return [
    session.userId,
    cursor,
    first + 1,
    { direction: null, endReason: null, missed: filter?.missed ?? null, with: filter?.with ?? null },
  ];
}
