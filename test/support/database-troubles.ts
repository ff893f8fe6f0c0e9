import { runSql } from './database.js';
import type { SecretiveServer } from './secretive-server.js';
import { until } from './until.js';

/** Lets something become of the database while `ask` goes on, and has it well again behind that. */
export type Trouble = (server: SecretiveServer, ask: () => Promise<unknown>) => Promise<void>;

const tables = ['account', 'device', 'call', 'inbox'];

/** What the database does while somebody asks. */
export const troubles: Readonly<Record<string, Trouble>> = {
  'is away': async (server, ask) => {
    server.database.goDown();
    await ask();
    server.database.comeUp();
    await isReady(server);
  },
  'is held by somebody': async ({ databaseUrl }, ask) => {
    const held = runSql(databaseUrl, 'DO $$ BEGIN LOCK TABLE inbox_head, account, device; PERFORM pg_sleep(2.5); END $$');
    const asked = "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'device'::regclass AND granted";
    await until('the lock', async () => (await runSql(databaseUrl, asked)).length > 0);
    await ask();
    await held;
  },
  'breaks off': async (server, ask) => {
    const breakOff =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'switchboard'";
    const asking = { isOver: false };
    const asked = ask().finally(() => (asking.isOver = true));
    while (!asking.isOver) await runSql(server.databaseUrl, breakOff);
    await asked;
    await isReady(server);
  },
  'repeats a row in an exception': telling('P0001'),
  'repeats a row in a fault of its data': telling('22000'),
  'repeats a row in a broken constraint': telling('23514'),
};

/** Whatever is written is refused, in words that have all of it in them, with a warning before. */
function telling(code: string): Trouble {
  return async ({ databaseUrl }, ask) => {
    await runSql(
      databaseUrl,
      `CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE WARNING USING MESSAGE = NEW::text, DETAIL = NEW::text;
        RAISE EXCEPTION USING ERRCODE = '${code}', MESSAGE = NEW::text, DETAIL = NEW::text, HINT = NEW::text, CONSTRAINT = left(NEW::text, 60);
      END $$`,
    );
    for (const table of tables)
      await runSql(databaseUrl, `CREATE TRIGGER tell BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION tell()`);
    await ask();
    await runSql(databaseUrl, 'DROP FUNCTION tell CASCADE');
  };
}

async function isReady({ process }: SecretiveServer): Promise<void> {
  const address = new URL('/readyz', process.url);
  await until('the server to be ready', async () => (await fetch(address)).status === 200, { withinMs: 10_000 });
}
