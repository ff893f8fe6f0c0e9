import { Arg, Authorized, Ctx, FieldResolver, ID, Resolver, Root, Subscription } from 'type-graphql';
import { Device } from '../auth/device.types.js';
import type { RequestContext, ViewerContext } from '../graphql/context.js';
import { requireViewer } from '../graphql/require-viewer.js';
import { User } from '../users/user.types.js';

@Resolver(() => User)
export class PresenceResolver {
  @Authorized()
  @Subscription(() => User, {
    name: 'presence',
    description: 'At most 100 users: the state of each at once, then each change. Not durable, no cursor.',
    subscribe: ({ args, context }: { args: { userIds: string[] }; context: RequestContext }) =>
      context.watching.watch(requireViewer(context), args.userIds),
  })
  presenceChanges(
    @Arg('userIds', () => [ID], { description: '1 to 100 of them.' }) _userIds: string[],
    @Root() userId: string,
    @Ctx() { users }: ViewerContext,
  ) {
    return users.participant(userId);
  }

  @FieldResolver(() => Boolean, {
    description: 'At least one device of theirs is connected, on any node; never of somebody who blocked the viewer.',
  })
  online(@Root() { id }: User, @Ctx() { viewer, presence }: RequestContext): Promise<boolean> {
    return presence.isOnline(viewer?.userId ?? id, id);
  }
}

@Resolver(() => Device)
export class DevicePresenceResolver {
  @FieldResolver(() => Boolean, { description: 'It is connected, to any node.' })
  online(@Root() { id }: Device, @Ctx() { presence }: RequestContext): Promise<boolean> {
    return presence.isDeviceOnline(id);
  }
}
