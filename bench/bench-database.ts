import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { MikroORM } from '@mikro-orm/postgresql';

/** As the server's own connections are set up (src/db/database.ts), but for the timeouts: what is planned here is planned alike. */
const SETTINGS = ['enable_seqscan=off', 'jit=off', 'TimeZone=UTC', 'maintenance_work_mem=1GB', 'max_parallel_maintenance_workers=0'];

/** Of the inbox, with a retention of an hour, which is the default. */
export const SLOT_US = 1_200_000_000;

/** What EXPLAIN (ANALYZE, BUFFERS) says of one execution. */
export interface Execution {
  readonly milliseconds: number;
  /** Pages of 8 KiB, in the cache or not. */
  readonly pages: number;
  readonly text: string;
}

/** One connection to the embedded Postgres of a server that is being measured. */
export class BenchDatabase {
  readonly #run: (sql: string, values: unknown[]) => Promise<unknown[]>;
  readonly #close: () => Promise<void>;

  /** `dataDirectory`: the server's. */
  static async open(dataDirectory: string): Promise<BenchDatabase> {
    const orm = await MikroORM.init({
      entities: [],
      discovery: { warnWhenNoEntities: false },
      clientUrl: databaseUrlOf(dataDirectory),
      pool: { min: 1, max: 1 },
      driverOptions: { options: SETTINGS.map((setting) => `-c ${setting}`).join(' ') },
    });
    const pool = await orm.em.getConnection().getNativeClient();
    return new BenchDatabase(
      async (sql, values) => (await pool.query(sql, values)).rows as unknown[],
      () => orm.close(true),
    );
  }

  private constructor(run: (sql: string, values: unknown[]) => Promise<unknown[]>, close: () => Promise<void>) {
    this.#run = run;
    this.#close = close;
  }

  async rows<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.#run(sql, values)) as Row[];
  }

  /**
   * Prepares a statement and runs it until Postgres has made up its mind: five plans for the values, then the one for all
   * values or none. Returns what explains one more execution.
   */
  async prepare(name: string, text: string, values: readonly (string | number)[]): Promise<() => Promise<Execution>> {
    await this.rows(`PREPARE ${name} AS ${text}`);
    const execute = `EXECUTE ${name} (${values.map(literal).join(', ')})`;
    for (let time = 0; time < 8; time += 1) await this.rows(execute);
    return async () => {
      const lines = await this.rows<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, BUFFERS) ${execute}`);
      return read(lines.map((line) => line['QUERY PLAN']).join('\n'));
    };
  }

  close(): Promise<void> {
    return this.#close();
  }
}

/** Of the embedded Postgres of the server with that data directory. */
export function databaseUrlOf(dataDirectory: string): string {
  const cluster = join(dataDirectory, 'postgres');
  const password = readFileSync(join(cluster, 'switchboard-password'), 'utf8').trim();
  const port = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[3];
  return `postgres://switchboard:${password}@127.0.0.1:${port}/switchboard`;
}

function read(text: string): Execution {
  const milliseconds = Number(/Execution Time: ([\d.]+) ms/.exec(text)?.[1]);
  // The first line of buffers is that of the topmost node, which counts those below it.
  const [buffers = ''] = /Buffers: .*/.exec(text) ?? [];
  const pages = [...buffers.matchAll(/(?:hit|read)=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  return { milliseconds, pages, text };
}

function literal(value: string | number): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}
