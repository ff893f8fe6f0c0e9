import { toCall, type Decision } from '../calls/call.repository.js';
import type { Database } from '../db/database.js';
import type { InboxEvent } from '../inbox/inbox.js';
import { deleteAccount } from './delete-account.sql.js';

/** `deleted` comes with the calls that it ended and the devices whose sessions it ended; of the others nothing is done. */
export type AccountDeletion =
  | { readonly kind: 'deleted'; readonly ended: readonly Decision[]; readonly deviceIds: string[] }
  | { readonly kind: 'gone' | 'password-differs' | 'held' };

interface DeletionRow extends Record<string, unknown> {
  readonly outcome: AccountDeletion['kind'];
  readonly device_ids: string[] | null;
  readonly events: InboxEvent[] | null;
  readonly id: string | null;
}

/** Ends accounts. They are made by a registration, see session.repository.ts. */
export class AccountRepository {
  readonly #database: Pick<Database, 'query'>;
  readonly #slotUs: number;

  constructor({ database, slotUs }: { database: Pick<Database, 'query'>; slotUs: number }) {
    this.#database = database;
    this.#slotUs = slotUs;
  }

  /** One round trip, see delete-account.sql.ts. `passwordHash` is the one that the password was found to match. */
  async delete(userId: string, passwordHash: string): Promise<AccountDeletion> {
    const { name } = deleteAccount;
    const rows = await this.#database.query<DeletionRow>(
      { name, text: `SELECT r.outcome, r.device_ids, r.events, (r.call).* FROM ${name}($1, $2, $3) r` },
      [userId, passwordHash, this.#slotUs],
    );
    const [first] = rows;
    if (first === undefined) throw new Error(`${name} answered nothing.`);
    if (first.outcome !== 'deleted') return { kind: first.outcome };
    const ended = rows.flatMap((row) => (row.id === null ? [] : [{ outcome: 'ended', call: toCall(row), events: row.events ?? [] }]));
    return { kind: 'deleted', ended, deviceIds: rows.flatMap(({ device_ids }) => device_ids ?? []) };
  }
}
