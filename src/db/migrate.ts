import { MikroORM } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import { DeletedAccounts } from './migrations/2026-11-24-deleted-accounts.js';
import { Foundation } from './migrations/2026-11-24-foundation.js';
import { NoSamples } from './migrations/2026-11-24-no-samples.js';
import { Telephone } from './migrations/2026-11-24-telephone.js';
import { TimelineSignals } from './migrations/2026-11-29-timeline-signals.js';
import { Webhooks } from './migrations/2026-11-24-webhooks.js';
import { connectionOf, type Database } from './database.js';
import type { SqlFunction } from './sql-function.js';

/** Any number, so long as every node takes the same: one migrates, the others wait for it. */
const migrationLock = 5_318_008;

/** Brings the database to this version: migrations first, then the functions that are not there yet. Safe to run on several nodes at once. */
export async function migrate(url: string, functions: readonly SqlFunction[]): Promise<void> {
  const orm = await MikroORM.init({
    entities: [],
    discovery: { warnWhenNoEntities: false },
    clientUrl: url,
    pool: { min: 0, max: 3 },
    extensions: [Migrator],
    migrations: {
      migrationsList: [
        { name: '2026-11-24-foundation', class: Foundation },
        { name: '2026-11-24-telephone', class: Telephone },
        { name: '2026-11-24-webhooks', class: Webhooks },
        { name: '2026-11-24-deleted-accounts', class: DeletedAccounts },
        { name: '2026-11-24-no-samples', class: NoSamples },
        { name: '2026-11-29-timeline-signals', class: TimelineSignals },
      ],
      snapshot: false,
      silent: true,
    },
    driverOptions: { ...connectionOf(url), connectionTimeoutMillis: 10_000, application_name: 'switchboard-migrate' },
  });
  try {
    const pool = await orm.em.getConnection().getNativeClient();
    const holder = await pool.connect();
    try {
      await holder.query('SELECT pg_advisory_lock($1)', [migrationLock]);
      await orm.migrator.up();
      for (const { name, create } of functions) {
        const found = await holder.query<{ oid: string | null }>('SELECT to_regproc($1) AS oid', [name]);
        if (found.rows[0]?.oid === null) await holder.query(create);
      }
    } finally {
      // Ending the session releases the lock, whatever happened above.
      holder.release(true);
    }
  } finally {
    await orm.close(true);
  }
}

/** Names the functions that this version needs and the database lacks: empty where it was migrated. */
export async function missingFunctions(database: Pick<Database, 'query'>, functions: readonly SqlFunction[]): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    { name: 'functions-missing', text: 'SELECT name FROM unnest($1::text[]) AS name WHERE to_regproc(name) IS NULL' },
    [functions.map(({ name }) => name)],
  );
  return rows.map(({ name }) => name);
}
