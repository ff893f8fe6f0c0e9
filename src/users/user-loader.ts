import type { UserRow } from './user.entity.js';

/**
 * Gathers the users that one turn of microtasks asks for into one query. It keeps nothing afterwards: a name that was
 * changed shows in the next answer, and nobody is shown what another request was allowed to see.
 */
export class UserLoader {
  readonly #find: (ids: readonly string[]) => Promise<UserRow[]>;
  #batch: { ids: Set<string>; users: Promise<Map<string, UserRow>> } | null = null;

  constructor(find: (ids: readonly string[]) => Promise<UserRow[]>) {
    this.#find = find;
  }

  async load(id: string): Promise<UserRow | null> {
    this.#batch ??= this.#open();
    this.#batch.ids.add(id);
    return (await this.#batch.users).get(id) ?? null;
  }

  #open(): { ids: Set<string>; users: Promise<Map<string, UserRow>> } {
    const ids = new Set<string>();
    // A tick that is asked for from a microtask comes when no microtask is left, so a list whose items resolve one after another is one batch.
    const closed = Promise.resolve().then(() => new Promise<void>((resolve) => process.nextTick(resolve)));
    const users = closed.then(async () => {
      this.#batch = null;
      return new Map((await this.#find([...ids])).map((user) => [user.id, user]));
    });
    return { ids, users };
  }
}
