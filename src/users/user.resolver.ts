import { Arg, Authorized, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { ViewerContext } from '../graphql/context.js';
import type { UserRow } from './user.entity.js';
import { User } from './user.types.js';

@Resolver(() => User)
export class UserResolver {
  @Authorized()
  @Query(() => User, { description: 'The viewer.' })
  me(@Ctx() { viewer, users }: ViewerContext): Promise<UserRow> {
    return users.me(viewer);
  }

  @Authorized()
  @Query(() => User, { nullable: true, description: 'Exactly one of id and username. Null where there is no such user.' })
  user(
    @Arg('id', () => ID, { nullable: true, description: "The user's id." }) id: string | null | undefined,
    @Arg('username', () => String, { nullable: true, description: 'The whole username, in any case.' }) username: string | null | undefined,
    @Ctx() { users }: ViewerContext,
  ): Promise<UserRow | null> {
    return users.find({ id, username });
  }

  @Authorized()
  @Query(() => [User], { description: 'Directory search by username or display-name prefix, best match first.' })
  users(
    @Arg('search', () => String, { description: 'How the name begins: 3 to 64 characters, in any case.' }) search: string,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'At most so many: 1 to 100.' }) first: number | null,
    @Ctx() { viewer, users }: ViewerContext,
  ): Promise<UserRow[]> {
    return users.search(viewer, search, first);
  }

  @Authorized()
  @Mutation(() => User, { description: 'Changes the name that others are shown.' })
  updateProfile(
    @Arg('displayName', () => String, { description: '1 to 64 characters.' }) displayName: string,
    @Ctx() { viewer, users }: ViewerContext,
  ): Promise<UserRow> {
    return users.updateProfile(viewer, displayName);
  }
}
