import type { Database, Statement } from '../db/database.js';
import type { Logger } from '../logger.js';
import { HintBus, type BusObserver, type Channel } from './hint-bus.js';

const name = 'switchboard_news';

const notify: Statement = { name: 'bus-notify', text: `SELECT pg_notify('${name}', $1)` };

/** LISTEN/NOTIFY: in a statement of its own after the commit, on a connection of its own to listen. */
class PostgresChannel implements Channel {
  readonly #database: Pick<Database, 'query' | 'listen'>;

  constructor(database: Pick<Database, 'query' | 'listen'>) {
    this.#database = database;
  }

  async send(text: string): Promise<void> {
    await this.#database.query(notify, [text]);
  }

  listen(heard: (text: string) => void, lost: () => void): Promise<() => Promise<void>> {
    return this.#database.listen(name, heard, lost);
  }
}

/** Hints by the Postgres that is there. */
export class PostgresBus extends HintBus {
  constructor({ database, ...rest }: { database: Pick<Database, 'query' | 'listen'>; logger: Logger; observer: BusObserver }) {
    super({ channel: new PostgresChannel(database), ...rest });
  }
}
