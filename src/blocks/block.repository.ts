import type { Database, Statement } from '../db/database.js';

/** Under the heads of both, which go with the account: nobody blocks somebody who is being deleted. */
const add: Statement = {
  name: 'block-add',
  text: `
    WITH held AS (SELECT 1 FROM inbox_head WHERE user_id IN ($1, $2) ORDER BY user_id FOR KEY SHARE), added AS (
      INSERT INTO user_block (user_id, blocked_id) SELECT $1, $2 WHERE (SELECT count(*) FROM held) = 2 ON CONFLICT DO NOTHING
    )
    SELECT count(*) = 2 AS both FROM held`,
};
const remove: Statement = { name: 'block-remove', text: 'DELETE FROM user_block WHERE user_id = $1 AND blocked_id = $2' };
const list: Statement = {
  name: 'block-list',
  text: 'SELECT blocked_id AS id FROM user_block WHERE user_id = $1 ORDER BY created_at DESC, blocked_id LIMIT 1000',
};
const among: Statement = {
  name: 'block-among',
  text: `SELECT g.u || ' ' || g.b AS pair FROM unnest($1::uuid[], $2::uuid[]) AS g (u, b) JOIN user_block k ON k.user_id = g.u AND k.blocked_id = g.b`,
};

/** Who has blocked whom. */
export class BlockRepository {
  readonly #database: Pick<Database, 'query'>;

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  /** False where one of the two is no user any more. */
  async add(userId: string, blockedId: string): Promise<boolean> {
    const [row] = await this.#database.query<{ both: boolean }>(add, [userId, blockedId]);
    return row?.both === true;
  }

  async remove(userId: string, blockedId: string): Promise<void> {
    await this.#database.query(remove, [userId, blockedId]);
  }

  /** The latest first, at most 1,000. */
  async list(userId: string): Promise<string[]> {
    return (await this.#database.query<{ id: string }>(list, [userId])).map(({ id }) => id);
  }

  /** Of those pairs, written `user blocked`, the ones that hold. */
  async among(pairs: readonly string[]): Promise<Set<string>> {
    const split = pairs.map((pair) => pair.split(' '));
    const rows = await this.#database.query<{ pair: string }>(among, [split.map(([user]) => user), split.map(([, blocked]) => blocked)]);
    return new Set(rows.map(({ pair }) => pair));
  }
}
