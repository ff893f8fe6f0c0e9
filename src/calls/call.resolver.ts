import { Arg, Authorized, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { ViewerContext } from '../graphql/context.js';
import { User } from '../users/user.types.js';
import type { CallRow } from './call.entity.js';
import { isMissed, type EndReason } from './call-status.js';
import { Call, CallDirectionEnum, CallTimelineEntry, CreateCallInput, EndReasonEnum } from './call.types.js';

/** Descriptions are the API's documentation: see CONTRIBUTING.md before changing one. */
@Resolver(() => Call)
export class CallResolver {
  @Authorized()
  @Query(() => Call, { nullable: true, description: 'Null for a call that does not exist and for one the viewer is no party to, alike.' })
  call(
    @Arg('id', () => ID, { description: 'The id of the call.' }) id: string,
    @Ctx() { viewer, calls }: ViewerContext,
  ): Promise<CallRow | null> {
    return calls.byId(viewer, id);
  }

  @Authorized()
  @Query(() => [Call], {
    description: "The viewer's calls that have not ended, both directions, all devices: what a phone woken by a push shows.",
  })
  activeCalls(@Ctx() { viewer, calls }: ViewerContext): Promise<CallRow[]> {
    return calls.active(viewer);
  }

  @Authorized()
  @Mutation(() => Call, {
    description:
      'Places a call. A busy callee is an outcome: the call comes back ENDED with BUSY. Where the callee is calling the viewer at this moment, that call comes back, answered.',
  })
  createCall(
    @Arg('input', () => CreateCallInput, { description: 'The call to place.' }) input: CreateCallInput,
    @Ctx() { viewer, calls }: ViewerContext,
  ): Promise<CallRow> {
    return calls.create(viewer, {
      calleeId: input.calleeId,
      media: input.media ?? 'VIDEO',
      metadata: input.metadata ?? null,
      ringSeconds: input.ringSeconds ?? 60,
      key: input.key ?? null,
    });
  }

  @Authorized()
  @Mutation(() => Call, { description: 'The first device to accept wins; every other device is told ANSWERED_ELSEWHERE.' })
  acceptCall(
    @Arg('id', () => ID, { description: 'The id of the call.' }) id: string,
    @Ctx() { viewer, calls }: ViewerContext,
  ): Promise<CallRow> {
    return calls.accept(viewer, id);
  }

  @Authorized()
  @Mutation(() => Call, {
    description:
      'Cancels, declines or hangs up, by who asks and when. Ending an ended call returns it unchanged. DECLINED, BUSY and CANCELLED fit only before an answer. After it, another device of a party than the one in the call may end it only with an explicit HUNG_UP; anything else from it is CALL_STATE_CONFLICT, so that a late decline on a tablet does not hang up what the phone just answered. `detail` (at most 1 KiB, for support) goes to the timeline.',
  })
  endCall(
    @Arg('id', () => ID, { description: 'The id of the call.' }) id: string,
    @Arg('reason', () => EndReasonEnum, { nullable: true, description: 'What is meant where it is left out depends on who asks and when.' })
    reason: EndReason | null,
    @Arg('detail', () => String, { nullable: true, description: 'For support; at most 1 KiB.' }) detail: string | null,
    @Ctx() { viewer, calls }: ViewerContext,
  ): Promise<CallRow> {
    return calls.end(viewer, id, reason ?? null, detail ?? null);
  }

  @FieldResolver(() => User, { description: 'Who placed it.' })
  caller(@Root() call: CallRow, @Ctx() { users }: ViewerContext) {
    return users.participant(call.callerId);
  }

  @FieldResolver(() => User, { description: 'Who is called.' })
  callee(@Root() call: CallRow, @Ctx() { users }: ViewerContext) {
    return users.participant(call.calleeId);
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who ended it; null where the server did.' })
  endedBy(@Root() call: CallRow, @Ctx() { users }: ViewerContext) {
    return call.endedById === null ? null : users.participant(call.endedById);
  }

  @FieldResolver(() => CallDirectionEnum, { description: 'As the viewer sees it.' })
  direction(@Root() call: CallRow, @Ctx() { viewer }: ViewerContext): string {
    return call.callerId === viewer.userId ? CallDirectionEnum.OUTGOING : CallDirectionEnum.INCOMING;
  }

  @FieldResolver(() => Boolean, { description: 'Incoming, and ended NO_ANSWER, CANCELLED or BUSY.' })
  missed(@Root() call: CallRow, @Ctx() { viewer }: ViewerContext): boolean {
    return isMissed(call, viewer.userId);
  }

  @FieldResolver(() => [CallTimelineEntry], { description: 'What happened and when, never a payload; at most 1,000 entries.' })
  timeline(@Root() call: CallRow, @Ctx() { history }: ViewerContext) {
    return history.timeline(call.id);
  }
}
