import type { historyQuery } from '../src/calls/call-history.repository.ts';
import type { BenchDatabase, Execution } from './bench-database.ts';
import { median } from './statistics.ts';
import type { HistoryPageRequest, SwitchboardClient, SwitchboardSession } from './switchboard-client.ts';

const PAGE = 20;
const LONGEST_PAGE = 100;
const WARMUP_ROUNDS = 60;

/** A user in a table, and how to ask for their history. */
export interface Reader {
  readonly client: SwitchboardClient;
  readonly database: BenchDatabase;
  readonly session: SwitchboardSession;
  /** In the whole table. */
  readonly rows: number;
  /** Of the user. */
  readonly calls: number;
}

/** One page that a user asks for. */
export interface Case extends Reader {
  readonly name: string;
  readonly request: HistoryPageRequest;
}

export interface CaseFigures extends Case {
  readonly apiMs: number;
  readonly databaseMs: number;
  readonly pages: number;
  readonly plan: string;
}

/** The pages that are measured of one user: the first ones, those from the middle of the history, and narrowed ones. */
export async function casesOf(reader: Reader, counterparts: readonly string[]): Promise<Case[]> {
  const middle = await cursorBehind(reader, Math.floor(reader.calls / 2));
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
  return requests.map(([name, request]) => ({ ...reader, name, request }));
}

/** Over the API all cases in turn; then, in turn again, by Postgres's own account. */
export async function measureCases(cases: readonly Case[], repeats: number): Promise<CaseFigures[]> {
  const apiMs = cases.map((): number[] => []);
  for (let round = -WARMUP_ROUNDS; round < repeats; round += 1) {
    for (const [place, { client, session, request }] of cases.entries()) {
      const startedAt = performance.now();
      await client.history(session, request);
      if (round >= 0) apiMs[place]!.push(performance.now() - startedAt);
    }
  }
  const query = await historyQueryOfServer();
  const explainers: (() => Promise<Execution>)[] = [];
  for (const [place, one] of cases.entries()) {
    const { statement, values } = query(...parameters(one));
    explainers.push(await one.database.prepare(`page_${place}`, statement.text, values));
  }
  const executions = cases.map((): Execution[] => []);
  for (let round = 0; round < repeats; round += 1) {
    for (const [place, explain] of explainers.entries()) executions[place]!.push(await explain());
  }
  return cases.map((one, place) => {
    const { pages, text: plan } = executions[place]!.at(-1)!;
    return {
      ...one,
      apiMs: median(apiMs[place]!),
      databaseMs: median(executions[place]!.map(({ milliseconds }) => milliseconds)),
      pages,
      plan,
    };
  });
}

async function cursorBehind({ client, session }: Reader, calls: number): Promise<string> {
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
