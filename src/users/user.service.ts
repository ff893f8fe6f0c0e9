import type { Viewer } from '../auth/viewer.js';
import { BatchLoader } from '../db/batch-loader.js';
import { AppError, badInput } from '../errors.js';
import type { Rates } from '../rates.js';
import { countCharacters, isStorable, isUuid, requireFirst } from '../text.js';
import { requireDisplayName } from './display-name.js';
import type { UserRow } from './user.entity.js';
import type { PastOrPresentUser, UserRepository } from './user.repository.js';
import { foldName, parseUsername } from './username.js';

export interface UserServiceCollaborators {
  readonly users: UserRepository;
  readonly rates: Pick<Rates, 'take'>;
}

/** Who there is. */
export class UserService {
  readonly #users: UserRepository;
  readonly #rates: Pick<Rates, 'take'>;
  readonly #byId: BatchLoader<PastOrPresentUser>;

  constructor({ users, rates }: UserServiceCollaborators) {
    this.#users = users;
    this.#rates = rates;
    this.#byId = new BatchLoader(async (ids) => new Map((await users.findPastAndPresent(ids)).map((user) => [user.id, user])));
  }

  async me(viewer: Viewer): Promise<UserRow> {
    return existing(await this.byIdBatched(viewer.userId));
  }

  /** Null where there is no such user, also for what is no UUID. */
  async byId(id: string): Promise<UserRow | null> {
    return isUuid(id) ? this.#users.findById(id) : null;
  }

  /** The same in one query for everything that is asked for in one turn: for a field that a list repeats. */
  async byIdBatched(id: string): Promise<UserRow | null> {
    const user = await this.participant(id);
    return user?.isDeleted === true ? null : user;
  }

  /** Who took part in something that is kept: also somebody who is no user any more, as a stub with the id and without a name. */
  async participant(id: string): Promise<PastOrPresentUser | null> {
    return isUuid(id) ? this.#byId.load(id.toLowerCase()) : null;
  }

  async find({ id, username }: { id?: string | null | undefined; username?: string | null | undefined }): Promise<UserRow | null> {
    if (typeof id === 'string' && typeof username === 'string') throw badInput('username', 'Give exactly one of id and username.');
    if (typeof id === 'string') return this.byId(id);
    if (typeof username !== 'string') throw badInput('id', 'Give exactly one of id and username.');
    const known = parseUsername(username);
    return known === null ? null : this.#users.findByUsernameKey(foldName(known));
  }

  /** Whose username or display name begins so, best match first. */
  async search({ userId }: Pick<Viewer, 'userId'>, search: string, first: number | null): Promise<UserRow[]> {
    const text = search.trim();
    const length = countCharacters(text);
    if (length < 3 || length > 64 || !isStorable(text)) throw badInput('search', 'A search has 3 to 64 characters.');
    // An explicit null asks for no number of users, and the default stands in the schema.
    const count = first ?? 0;
    requireFirst(count);
    await this.#rates.take('LIMIT_SEARCHES_PER_MINUTE', userId);
    return this.#users.search(foldName(text), count);
  }

  async updateProfile(viewer: Viewer, displayName: string): Promise<UserRow> {
    const name = requireDisplayName('displayName', displayName);
    return existing(await this.#users.rename(viewer.userId, name, foldName(name)));
  }
}

/** A token outlives its account by minutes: who asks with it is nobody any more. */
function existing(user: UserRow | null): UserRow {
  if (user === null) throw new AppError('UNAUTHENTICATED', 'This account does not exist any more.');
  return user;
}
