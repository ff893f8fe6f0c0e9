import { MikroORM } from '@mikro-orm/postgresql';

/** One connection kept open, for who looks again and again. */
export class SqlConnection {
  readonly #orm: MikroORM;

  private constructor(orm: MikroORM) {
    this.#orm = orm;
  }

  static async open(url: string): Promise<SqlConnection> {
    return new SqlConnection(
      await MikroORM.init({ entities: [], discovery: { warnWhenNoEntities: false }, clientUrl: url, pool: { min: 0, max: 1 } }),
    );
  }

  async query<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const pool = await this.#orm.em.getConnection().getNativeClient();
    return (await pool.query<Row>(sql, values)).rows;
  }

  async close(): Promise<void> {
    await this.#orm.close(true);
  }
}
