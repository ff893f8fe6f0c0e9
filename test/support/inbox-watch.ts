import { SqlConnection } from './sql-connection.js';

export interface WatchReport {
  readonly reads: number;
  readonly rows: number;
  /** Rows that did not follow the one read before: what a reader of that moment would have skipped, or read twice. */
  readonly faults: readonly string[];
}

const following = `
  SELECT s.user_id, i.seq::int AS seq, i.at::text AS at, i.prev_at::text AS prev_at
  FROM unnest($1::uuid[], $2::bigint[]) AS s (user_id, seq)
  JOIN inbox i ON i.user_id = s.user_id AND i.seq > s.seq ORDER BY i.user_id, i.seq`;

/**
 * A reader that polls without pause, as a subscriber would that knows nothing of heads: it takes what is there behind
 * its position, and what it has passed it never looks at again. A writer whose rows become visible out of order shows.
 */
export async function watchInboxes(databaseUrl: string, userIds: readonly string[]): Promise<{ stop(): Promise<WatchReport> }> {
  const connection = await SqlConnection.open(databaseUrl);
  const positions = new Map(userIds.map((id) => [id, { seq: 0, at: '0' }]));
  const faults: string[] = [];
  let reads = 0;
  let rows = 0;
  const read = async (): Promise<number> => {
    const found = await connection.query<{ user_id: string; seq: number; at: string; prev_at: string }>(following, [
      [...positions.keys()],
      [...positions.values()].map(({ seq }) => seq),
    ]);
    reads += 1;
    rows += found.length;
    for (const { user_id: userId, seq, at, prev_at: prevAt } of found) {
      const before = positions.get(userId)!;
      if (seq !== before.seq + 1) faults.push(`${userId}: ${seq} after ${before.seq}`);
      if (before.seq > 0 && prevAt !== before.at) faults.push(`${userId}: ${seq} does not remember ${before.seq}`);
      if (BigInt(at) < BigInt(before.at)) faults.push(`${userId}: the time of ${seq} runs backwards`);
      positions.set(userId, { seq, at });
    }
    return found.length;
  };

  let over = false;
  const watching = (async () => {
    while (!over) await read();
    // What was committed since the last look.
    while ((await read()) > 0);
  })();
  watching.catch(() => undefined);
  return {
    async stop() {
      over = true;
      try {
        await watching;
      } finally {
        await connection.close();
      }
      return { reads, rows, faults };
    },
  };
}
