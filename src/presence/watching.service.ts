import type { Viewer } from '../auth/viewer.js';
import { badInput } from '../errors.js';
import { limitExceeded, type Limits } from '../limits.js';
import { isUuid } from '../text.js';
import type { UserService } from '../users/user.service.js';
import type { PresenceWatch } from './presence-watch.js';

const mostWatched = 100;

/** Who a viewer may watch: anybody in the directory, 100 at a time, and so many in all, since each is looked at every second. */
export class WatchingService {
  readonly #watch: PresenceWatch;
  readonly #users: Pick<UserService, 'byIdBatched'>;
  readonly #most: number;

  constructor({ watch, users, limits }: { watch: PresenceWatch; users: Pick<UserService, 'byIdBatched'>; limits: Limits }) {
    this.#watch = watch;
    this.#users = users;
    this.#most = limits.LIMIT_WATCHED_PER_USER;
  }

  async watch(viewer: Viewer, userIds: readonly string[]): Promise<AsyncIterableIterator<string>> {
    const distinct = [...new Set(userIds.map((id) => id.toLowerCase()))];
    if (userIds.length < 1 || userIds.length > mostWatched) throw badInput('userIds', `userIds has to name 1 to ${mostWatched} users.`);
    const found = await Promise.all(distinct.map(async (id) => (isUuid(id) ? this.#users.byIdBatched(id) : null)));
    if (found.includes(null)) throw badInput('userIds', 'userIds names somebody who does not exist.');
    if (this.#most > 0 && this.#watch.watchedBy(viewer.userId) + distinct.length > this.#most)
      throw limitExceeded('LIMIT_WATCHED_PER_USER', `You may watch ${this.#most} users at once.`, 'userIds');
    return this.#watch.watch(viewer.userId, distinct);
  }
}
