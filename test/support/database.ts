import { randomBytes } from 'node:crypto';
import { MikroORM } from '@mikro-orm/postgresql';
import { inject } from 'vitest';

/** A database that nobody else uses, in the Postgres of this run. */
export async function createDatabase(): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await runSql(inject('postgresUrl'), `CREATE DATABASE ${name}`);
  const url = new URL(inject('postgresUrl'));
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
