import { Arg, Authorized, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { ViewerContext } from '../graphql/context.js';
import { User } from '../users/user.types.js';
import type { TimelineRow } from './call-history.repository.js';
import type { HistoryPage } from './call-history.service.js';
import { CallConnection, CallFilter } from './call-history.types.js';
import { CallTimelineEntry } from './call.types.js';

@Resolver(() => CallTimelineEntry)
export class CallHistoryResolver {
  @Authorized()
  @Query(() => CallConnection, { description: "The viewer's call history, newest first." })
  calls(
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: '1 to 100.' }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor of the last call seen.' }) after: string | null,
    @Arg('filter', () => CallFilter, { nullable: true, description: 'Which calls.' }) filter: CallFilter | null,
    @Ctx() { viewer, history }: ViewerContext,
  ): Promise<HistoryPage> {
    return history.page(viewer, first ?? 20, after ?? null, filter ?? {});
  }

  @Authorized()
  @Query(() => Int, { description: "Missed calls newer than the viewer's seen marker; 1,000 stands for more." })
  missedCallCount(@Ctx() { viewer, history }: ViewerContext): Promise<number> {
    return history.missedCount(viewer);
  }

  @Authorized()
  @Mutation(() => Int, {
    description: "Moves the viewer's seen marker forward, on all devices, to this call. Returns the new missedCallCount.",
  })
  markCallsSeen(
    @Arg('upTo', () => ID, { description: 'The newest call that was seen.' }) upTo: string,
    @Ctx() { viewer, history }: ViewerContext,
  ): Promise<number> {
    return history.markSeen(viewer, upTo);
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who did it; null for the server.' })
  user(@Root() entry: TimelineRow, @Ctx() { users }: ViewerContext) {
    return entry.userId === null ? null : users.participant(entry.userId);
  }
}
