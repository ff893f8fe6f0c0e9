import { Arg, Authorized, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { RequestContext, ViewerContext } from '../graphql/context.js';
import type { UserRow } from '../users/user.entity.js';
import { User } from '../users/user.types.js';

@Resolver(() => User)
export class BlockResolver {
  @Authorized()
  @Query(() => [User], { description: 'Whom the viewer has blocked, the latest first.' })
  blockedUsers(@Ctx() { viewer, blocks }: ViewerContext): Promise<UserRow[]> {
    return blocks.list(viewer);
  }

  @Authorized()
  @Mutation(() => User, { description: 'Their calls do not ring any more, and they cannot tell. A call that is going on goes on.' })
  blockUser(
    @Arg('id', () => ID, { description: 'The user to block.' }) id: string,
    @Ctx() { viewer, blocks }: ViewerContext,
  ): Promise<UserRow> {
    return blocks.block(viewer, id);
  }

  @Authorized()
  @Mutation(() => User, { description: 'Their calls ring again.' })
  unblockUser(
    @Arg('id', () => ID, { description: 'The user to unblock.' }) id: string,
    @Ctx() { viewer, blocks }: ViewerContext,
  ): Promise<UserRow> {
    return blocks.unblock(viewer, id);
  }

  @FieldResolver(() => Boolean, { description: 'By the viewer.' })
  blocked(@Root() { id }: User, @Ctx() { viewer, blocks }: RequestContext): Promise<boolean> | boolean {
    return viewer === null ? false : blocks.isBlocked(viewer.userId, id);
  }
}
