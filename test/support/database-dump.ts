import { SqlConnection } from './sql-connection.js';

/**
 * All that a database holds, as text, by the name of the table: every row of every table, and what Postgres itself has
 * taken from the rows for its planner, which outlives them.
 */
export async function dumpDatabase(url: string): Promise<Map<string, string>> {
  const connection = await SqlConnection.open(url);
  try {
    await connection.query('ANALYZE');
    const tables = await connection.query<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1`,
    );
    const dump = new Map<string, string>();
    for (const { name } of [...tables, { name: 'pg_stats' }]) {
      const rows = await connection.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      dump.set(name, rows.map(({ row }) => row).join('\n'));
    }
    return dump;
  } finally {
    await connection.close();
  }
}
