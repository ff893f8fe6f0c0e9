import type { Viewer } from '../auth/viewer.js';
import { badInput } from '../errors.js';
import { isUuid } from '../text.js';
import type { UserService } from '../users/user.service.js';
import type { PresenceWatch } from './presence-watch.js';

const mostWatched = 100;

/** Who a viewer may watch: anybody in the directory, 100 at a time. */
export class WatchingService {
  readonly #watch: PresenceWatch;
  readonly #users: Pick<UserService, 'byIdBatched'>;

  constructor({ watch, users }: { watch: PresenceWatch; users: Pick<UserService, 'byIdBatched'> }) {
    this.#watch = watch;
    this.#users = users;
  }

  async watch(viewer: Viewer, userIds: readonly string[]): Promise<AsyncIterableIterator<string>> {
    const distinct = [...new Set(userIds.map((id) => id.toLowerCase()))];
    if (userIds.length < 1 || userIds.length > mostWatched) throw badInput('userIds', `userIds has to name 1 to ${mostWatched} users.`);
    const found = await Promise.all(distinct.map(async (id) => (isUuid(id) ? this.#users.byIdBatched(id) : null)));
    if (found.includes(null)) throw badInput('userIds', 'userIds names somebody who does not exist.');
    return this.#watch.watch(viewer.userId, distinct);
  }
}
