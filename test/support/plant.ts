import type { SqlFunction } from '../../src/db/sql-function.js';
import { runSql } from './database.js';
import type { TestServer } from './server.js';

/** Text of a function in Postgres and what to put in its place. */
export type Change = readonly [from: string, to: string];

/** Gives a function of the server's own database another text, as if it had been written wrongly. Throws where a change fits nowhere. */
export async function plant(
  { databaseUrl }: Pick<TestServer, 'databaseUrl'>,
  { create }: SqlFunction,
  changes: readonly Change[],
): Promise<void> {
  let text = create.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION');
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`The function does not say: ${from}`);
    text = text.replace(from, () => to);
  }
  await runSql(databaseUrl, text);
}
