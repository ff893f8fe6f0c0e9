import type { SqlFunction } from '../../src/db/sql-function.js';
import { runSql } from './database.js';
import type { TestServer } from './server.js';

/** Text of the code and what to put in its place. */
export type Change = readonly [from: string, to: string];

/** Gives a function of the server's own database another text, as if it had been written wrongly. Throws where a change fits nowhere. */
export async function plant(
  { databaseUrl }: Pick<TestServer, 'databaseUrl'>,
  { create }: SqlFunction,
  changes: readonly Change[],
): Promise<void> {
  await runSql(databaseUrl, changed(create.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION'), changes));
}

/** The code with those changes. Throws where one fits nowhere. */
export function changed(code: string, changes: readonly Change[]): string {
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`The code does not say: ${from}`);
    return text.replace(from, () => to);
  }, code);
}
