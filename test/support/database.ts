import { randomBytes } from 'node:crypto';
import { MikroORM } from '@mikro-orm/postgresql';
import { inject } from 'vitest';

/** What the databases of a run are copies of: a copy takes a fraction of the migrations' time. */
export const migratedDatabase = 'migrated';

/** A database that nobody else uses, in the Postgres of this run, as a server leaves it that has just started. */
export function createDatabase(): Promise<string> {
  return copyOf(migratedDatabase);
}

/** The same before any server has seen it. */
export function createEmptyDatabase(): Promise<string> {
  return copyOf('template1');
}

async function copyOf(template: string): Promise<string> {
  const postgresUrl = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await runSql(postgresUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  return databaseNamed(name, postgresUrl);
}

/** Of the Postgres at this address. */
export function databaseNamed(name: string, postgresUrl: string): string {
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** One statement on a connection of its own, for looking at, or interfering with, what a server has written. */
export async function runSql<Row extends object>(url: string, sql: string, values: unknown[] = []): Promise<Row[]> {
  const orm = await MikroORM.init({ entities: [], discovery: { warnWhenNoEntities: false }, clientUrl: url, pool: { min: 0, max: 1 } });
  try {
    const pool = await orm.em.getConnection().getNativeClient();
    return (await pool.query<Row>(sql, values)).rows;
  } finally {
    await orm.close(true);
  }
}
