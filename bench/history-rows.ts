import type { BenchDatabase } from './bench-database.ts';

/** A user whose history is looked at, and how many of the calls are theirs. */
export interface Subject {
  readonly userId: string;
  readonly calls: number;
}

const ROWS_A_STATEMENT = 1_000_000;

/** What the server asks for every half second: without these two it would scan the growing table. Neither holds an ended call. */
const KEPT_INDEXES = ['call_ringing', 'call_active'];

/**
 * Of a subject's calls every second is incoming and three of ten are of a kind that counts as missed. Every fifth is with
 * the first counterpart, five of all with the last one, the rest with those between. They lie all over the table, as
 * calls do that were placed in the order of time.
 */
const INSERT = `
  INSERT INTO call (id, caller_id, callee_id, caller_device_id, callee_device_id, media, status, end_reason, created_at, ring_expires_at, answered_at, ended_at)
  SELECT gen_random_uuid(), CASE WHEN incoming THEN other ELSE own END, CASE WHEN incoming THEN own ELSE other END, gen_random_uuid(), gen_random_uuid(),
    'VIDEO', 'ENDED', reason, placed, placed + interval '60 s', CASE WHEN reason = 'HUNG_UP' THEN placed + interval '5 s' END, placed + interval '50 s'
  FROM generate_series($1::int, $2::int) AS g
  CROSS JOIN LATERAL (
    SELECT s.user_id, s.calls, g / s.stride AS n
    FROM unnest($4::uuid[], $5::int[], $6::int[]) WITH ORDINALITY AS s (user_id, calls, stride, place)
    WHERE g % s.stride = s.place - 1 AND g / s.stride < s.calls
    UNION ALL SELECT NULL, NULL, g LIMIT 1
  ) subject
  CROSS JOIN LATERAL (
    SELECT coalesce(subject.user_id, md5((random() * $3 / 50)::int::text)::uuid) AS own,
      CASE
        WHEN subject.user_id IS NULL THEN md5((random() * $3 / 50)::int::text)::uuid
        WHEN n % (calls / 5) = 7 THEN ($7::uuid[])[10]
        WHEN n % 5 = 0 THEN ($7::uuid[])[1]
        ELSE ($7::uuid[])[2 + n % 8]
      END AS other,
      n % 2 = 1 AS incoming,
      (ARRAY['HUNG_UP', 'HUNG_UP', 'NO_ANSWER', 'HUNG_UP', 'DECLINED', 'HUNG_UP', 'CANCELLED', 'HUNG_UP', 'BUSY', 'HUNG_UP'])[1 + n / 2 % 10]::end_reason AS reason,
      clock_timestamp() - interval '365 days' * (1 - g / $3::float8) AS placed
  ) made`;

/** Fills the table anew with so many calls, subjects' included; all ended. */
export async function fillCalls(
  database: BenchDatabase,
  rows: number,
  subjects: readonly Subject[],
  counterparts: readonly string[],
  report: (line: string) => void,
): Promise<void> {
  const indexes = await database.rows<{ name: string; definition: string }>(
    "SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE tablename = 'call' AND indexname <> ALL($1)",
    [KEPT_INDEXES],
  );
  await database.rows('TRUNCATE call');
  // Nothing is written to the log, which is neither what is measured nor what the disk should be filled with.
  await database.rows('ALTER TABLE call SET UNLOGGED');
  await database.rows('ALTER TABLE call DROP CONSTRAINT call_pkey');
  for (const { name } of indexes) await database.rows(`DROP INDEX IF EXISTS ${name}`);
  for (let from = 0; from < rows; from += ROWS_A_STATEMENT) {
    const to = Math.min(rows, from + ROWS_A_STATEMENT);
    await database.rows(INSERT, [
      from,
      to - 1,
      rows,
      subjects.map(({ userId }) => userId),
      subjects.map(({ calls }) => calls),
      subjects.map(({ calls }) => Math.floor(rows / calls)),
      counterparts,
    ]);
    if (rows > ROWS_A_STATEMENT) report(`${to.toLocaleString('en')} calls`);
  }
  for (const { name, definition } of indexes) {
    await database.rows(definition);
    if (rows > ROWS_A_STATEMENT) report(`index ${name}`);
  }
  await database.rows('ALTER TABLE call ADD CONSTRAINT call_pkey PRIMARY KEY USING INDEX call_pkey');
  await database.rows('VACUUM ANALYZE call');
  await database.rows('CHECKPOINT');
}
