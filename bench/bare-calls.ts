/**
 * The floor of a call: the three statements of a whole call on bare prepared `pg`, from a process that does nothing else.
 * Reads what to do from its environment, and writes how many calls it made in the time that is measured.
 */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';

interface Client {
  query(statement: { name: string; text: string; values: unknown[] }): Promise<{ rows: Record<string, unknown>[] }>;
}
interface Pool extends Client {
  end(): Promise<void>;
}

/** The driver that the server has by its ORM. */
const { Pool: BarePool } = createRequire(import.meta.resolve('@mikro-orm/postgresql'))('pg') as {
  Pool: new (options: object) => Pool;
};

export interface BareCalls {
  readonly databaseUrl: string;
  readonly poolSize: number;
  readonly slotUs: number;
  readonly functions: { readonly create: string; readonly accept: string; readonly end: string };
  readonly warmupMs: number;
  readonly measuredMs: number;
  readonly pairs: readonly { readonly caller: Person; readonly callee: Person }[];
}
export interface Person {
  readonly userId: string;
  readonly deviceId: string;
}

const { databaseUrl, poolSize, slotUs, functions, warmupMs, measuredMs, pairs } = JSON.parse(process.env['BARE_CALLS']!) as BareCalls;
const pool = new BarePool({ connectionString: databaseUrl, max: poolSize });

async function decide(name: string, values: unknown[]): Promise<void> {
  const parameters = [...values, slotUs];
  const text = `SELECT r.*, (r.call).* FROM ${name}(${parameters.map((_, position) => `$${position + 1}`).join(', ')}) r`;
  const { rows } = await pool.query({ name, text, values: parameters });
  const outcome = rows[0]?.['outcome'];
  if (outcome !== 'created' && outcome !== 'accepted' && outcome !== 'ended') throw new Error(`${name}: ${String(outcome)}`);
}

const startedAt = performance.now();
const [from, to] = [startedAt + warmupMs, startedAt + warmupMs + measuredMs];
let calls = 0;
await Promise.all(
  pairs.map(async ({ caller, callee }) => {
    while (performance.now() < to) {
      const id = randomUUID();
      await decide(functions.create, [id, caller.userId, caller.deviceId, callee.userId, 'VIDEO', null, 30, null, '']);
      await decide(functions.accept, [id, callee.userId, callee.deviceId, null, null]);
      await decide(functions.end, [id, caller.userId, caller.deviceId, null, null]);
      const now = performance.now();
      if (now >= from && now < to) calls += 1;
    }
  }),
);
await pool.end();
console.log(JSON.stringify({ calls }));
