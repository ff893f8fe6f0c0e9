import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { EndReason } from './call-status.js';
import type { CallDirection } from './call-history.repository.js';
import { Call, CallDirectionEnum, EndReasonEnum } from './call.types.js';

@InputType({ description: 'Which calls of the history; what is left out does not narrow it.' })
export class CallFilter {
  @Field(() => CallDirectionEnum, { nullable: true, description: 'Incoming or outgoing ones.' })
  direction?: CallDirection | null;

  @Field(() => EndReasonEnum, { nullable: true, description: 'Those that ended like this.' })
  endReason?: EndReason | null;

  @Field(() => Boolean, { nullable: true, description: 'Missed ones, or all others.' })
  missed?: boolean | null;

  @Field(() => ID, { nullable: true, description: 'Those with this user.' })
  with?: string | null;
}

@ObjectType({ description: 'How a connection goes on.', simpleResolvers: true })
export class PageInfo {
  @Field(() => String, { nullable: true, description: 'The `after` of the next page; null for an empty one.' })
  endCursor!: string | null;

  @Field(() => Boolean, { description: 'There are more behind it.' })
  hasNextPage!: boolean;
}

@ObjectType({ description: 'A call in its place of the history.', simpleResolvers: true })
export class CallEdge {
  @Field(() => String, { description: 'This place, for `after`.' })
  cursor!: string;

  @Field(() => Call, { description: 'The call.' })
  node!: Call;
}

@ObjectType({ description: 'A page of the call history, newest first.', simpleResolvers: true })
export class CallConnection {
  @Field(() => [CallEdge], { description: 'The calls of this page.' })
  edges!: CallEdge[];

  @Field(() => PageInfo, { description: 'How it goes on.' })
  pageInfo!: PageInfo;
}
