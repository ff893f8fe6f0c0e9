import type { Database, Statement } from '../db/database.js';

const letRingOut: Statement = {
  name: 'simulation-let-ring-out',
  text: `
    UPDATE call SET ring_expires_at = clock_timestamp()
    WHERE id = (SELECT call_id FROM live_call WHERE user_id = $1) AND status < 'ACTIVE' RETURNING id`,
};

/** Moves the end of a ring, for a simulation alone: it is the sweep that ends the call, as always. */
export class RingRepository {
  readonly #database: Pick<Database, 'query'>;

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  /** The call that rings for this user, either way, is due now. False where none rings. */
  async letRingOut(userId: string): Promise<boolean> {
    return (await this.#database.query<{ id: string }>(letRingOut, [userId])).length > 0;
  }
}
