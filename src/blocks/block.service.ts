import type { Viewer } from '../auth/viewer.js';
import { BatchLoader } from '../db/batch-loader.js';
import { AppError, badInput } from '../errors.js';
import { isUuid } from '../text.js';
import type { UserRow } from '../users/user.entity.js';
import type { UserService } from '../users/user.service.js';
import type { BlockRepository } from './block.repository.js';

/** Whom a user does not want to hear from. The blocked one cannot tell: calls seem to ring and are not answered. */
export class BlockService {
  readonly #blocks: BlockRepository;
  readonly #users: Pick<UserService, 'byIdBatched'>;
  readonly #held: BatchLoader<true>;

  constructor({ blocks, users }: { blocks: BlockRepository; users: Pick<UserService, 'byIdBatched'> }) {
    this.#blocks = blocks;
    this.#users = users;
    this.#held = new BatchLoader(async (pairs) => new Map([...(await blocks.among(pairs))].map((pair) => [pair, true] as const)));
  }

  async block(viewer: Viewer, userId: string): Promise<UserRow> {
    const user = await this.#existing(userId);
    if (user.id === viewer.userId) throw badInput('id', 'You cannot block yourself.');
    if (!(await this.#blocks.add(viewer.userId, user.id))) throw noSuchUser();
    return user;
  }

  async unblock(viewer: Viewer, userId: string): Promise<UserRow> {
    const user = await this.#existing(userId);
    await this.#blocks.remove(viewer.userId, user.id);
    return user;
  }

  async list(viewer: Viewer): Promise<UserRow[]> {
    const users = await Promise.all((await this.#blocks.list(viewer.userId)).map((id) => this.#users.byIdBatched(id)));
    return users.filter((user) => user !== null);
  }

  async isBlocked(viewerId: string, userId: string): Promise<boolean> {
    return (await this.#held.load(`${viewerId} ${userId}`)) !== null;
  }

  async #existing(userId: string): Promise<UserRow> {
    const user = isUuid(userId) ? await this.#users.byIdBatched(userId.toLowerCase()) : null;
    if (user === null) throw noSuchUser();
    return user;
  }
}

function noSuchUser(): AppError {
  return new AppError('NOT_FOUND', 'There is no such user.');
}
