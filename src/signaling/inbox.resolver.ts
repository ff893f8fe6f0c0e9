import { Arg, Authorized, Ctx, FieldResolver, ID, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import { Call } from '../calls/call.types.js';
import type { RequestContext, ViewerContext } from '../graphql/context.js';
import { requireViewer } from '../graphql/require-viewer.js';
import { User } from '../users/user.types.js';
import type { InboxEventView } from './inbox-view.js';
import type { InboxPageView } from './inbox.service.js';
import { CallChanged, InboxEvent, InboxPage, Ready, SignalReceived } from './inbox.types.js';

@Resolver()
export class InboxResolver {
  @Authorized()
  @Query(() => InboxPage, {
    description: 'The same events as the subscription, by plain request: for a phone woken by a push, a worker, a test.',
  })
  inbox(
    @Arg('after', () => ID, { nullable: true, description: 'The cursor of the last event handled.' }) after: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 100, description: '1 to 100.' }) first: number | null,
    @Ctx() { viewer, inbox }: ViewerContext,
  ): Promise<InboxPageView> {
    return inbox.page(viewer, after ?? null, first ?? 100);
  }

  @Authorized()
  @Subscription(() => InboxEvent, {
    name: 'inbox',
    description:
      "Everything addressed to the viewer's device, in order. `after` is the cursor of the last event handled; without it the stream starts at the beginning of the calls that are still live. The first event is always Ready.",
    subscribe: ({ args, context }: { args: { after?: string | null }; context: RequestContext }) =>
      context.inbox.open(requireViewer(context), args.after ?? null),
  })
  inboxEvents(
    @Arg('after', () => ID, { nullable: true, description: 'The cursor of the last event handled.' }) _after: string | null,
    @Root() event: InboxEventView,
  ): InboxEventView {
    return event;
  }
}

@Resolver(() => Ready)
export class ReadyResolver {
  @FieldResolver(() => [Call], { description: "The viewer's calls that have not ended; may be newer than the cursor." })
  activeCalls(@Ctx() { viewer, calls }: ViewerContext) {
    return calls.active(viewer);
  }
}

@Resolver(() => CallChanged)
export class CallChangedResolver {
  @FieldResolver(() => Call, { description: 'As it stands now.' })
  call(@Root() { callId }: { callId: string }, @Ctx() { viewer, calls }: ViewerContext) {
    return calls.byId(viewer, callId);
  }
}

@Resolver(() => SignalReceived)
export class SignalReceivedResolver {
  @FieldResolver(() => User, { description: 'Who sent it.' })
  from(@Root() { fromUserId }: { fromUserId: string }, @Ctx() { users }: ViewerContext) {
    return users.participant(fromUserId);
  }
}
