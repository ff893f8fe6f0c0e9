import { expect, onTestFinished, test } from 'vitest';
import { Database, type Statement } from '../src/db/database.js';
import { Janitor, slotLengthUs } from '../src/inbox/janitor.js';
import { createLogger } from '../src/logger.js';
import { entities } from '../src/storage.js';
import { runSql } from './support/database.js';
import { twoInACall } from './support/device.js';
import { startServer, startServerForTest } from './support/server.js';

const retentionMs = 60_000;
const slotUs = slotLengthUs(retentionMs);

/** A janitor whose look at the clock was so many slots ago: its node stood still between that and what it does by it. */
async function sweep(databaseUrl: string, slotsAgo: number): Promise<void> {
  const database = await Database.open(databaseUrl, entities);
  onTestFinished(() => database.close());
  const delayed = {
    query: async <Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]> => {
      const rows = await database.query<Row>(statement, values);
      if (statement.name === 'janitor-clock')
        for (const row of rows as { now?: string }[]) row.now = `${Number(row.now) - slotsAgo * slotUs}`;
      return rows;
    },
  };
  await new Janitor({
    database: delayed,
    retentionMs,
    logger: createLogger('silent'),
    observer: { janitorRound: () => undefined },
  }).sweep();
}

const countEvents = async (databaseUrl: string) =>
  Number((await runSql<{ n: string }>(databaseUrl, 'SELECT count(*) AS n FROM inbox'))[0]?.n);

test.each([1, 2])('a janitor whose node stood still for the time of %i slots empties nothing that is kept', async (slotsAgo) => {
  const server = await startServerForTest({ SIGNAL_RETENTION_MINUTES: '1' });
  const { databaseUrl } = server;
  await twoInACall(server);
  const before = await countEvents(databaseUrl);
  expect(before).toBeGreaterThan(0);
  await sweep(databaseUrl, slotsAgo);
  expect(await countEvents(databaseUrl)).toBe(before);
});

test('the two slots ahead are emptied, and no other', async () => {
  const server = await startServer({ SIGNAL_RETENTION_MINUTES: '1' });
  // Its own janitor is not to be seen here.
  await server.stop();
  const { databaseUrl } = server;
  for (let slot = 0; slot < 6; slot += 1) {
    await runSql(
      databaseUrl,
      `INSERT INTO inbox (slot, user_id, seq, at, prev_at, id, call_id, kind)
       VALUES (${slot}, gen_random_uuid(), 1, 1, 0, gen_random_uuid(), gen_random_uuid(), 'CUSTOM')`,
    );
  }
  const before = await currentSlot(databaseUrl);
  await sweep(databaseUrl, 0);
  const after = await currentSlot(databaseUrl);
  const left = (await runSql<{ slot: number }>(databaseUrl, 'SELECT slot FROM inbox ORDER BY slot')).map(({ slot }) => slot);
  // The turn of the next slot may have come meanwhile.
  expect([before, after].map((current) => [0, 1, 2, 3, 4, 5].filter((slot) => ![1, 2].includes((slot - current + 6) % 6)))).toContainEqual(
    left,
  );
});

async function currentSlot(databaseUrl: string): Promise<number> {
  const [clock] = await runSql<{ slot: string }>(
    databaseUrl,
    `SELECT floor(extract(epoch FROM clock_timestamp()) * 1000000 / ${slotUs})::bigint % 6 AS slot`,
  );
  return Number(clock?.slot);
}
