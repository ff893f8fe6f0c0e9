import { Field, ID, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import { GraphQLInstant } from '../graphql/instant.js';
import type { CallChange } from './inbox-view.js';
import type { SignalKind } from './signal.repository.js';
import { SignalKindEnum } from './signal.types.js';

const CallChangeEnum = {
  CREATED: 'CREATED',
  RINGING: 'RINGING',
  ANSWERED: 'ANSWERED',
  ANSWERED_ELSEWHERE: 'ANSWERED_ELSEWHERE',
  ENDED: 'ENDED',
} as const;
registerEnumType(CallChangeEnum, {
  name: 'CallChange',
  description: 'What happened to a call then; act on the status that it has now.',
  valuesConfig: {
    CREATED: { description: 'It was placed.' },
    RINGING: { description: 'The first device of the callee has received it.' },
    ANSWERED: { description: 'It was accepted: by this device, or by the other party.' },
    ANSWERED_ELSEWHERE: { description: 'Another device of the viewer accepted it.' },
    ENDED: { description: 'It is over; endReason says why.' },
  },
});

@InterfaceType({
  description: 'Something addressed to the viewer. Ignore types that you do not know.',
  resolveType: (value: { __typename: string }) => value.__typename,
})
export abstract class InboxEvent {
  @Field(() => ID, {
    description:
      'Opaque. Of one user and one database, cursors sort bytewise in the order of events. Never ahead of what this stream has sent, so always safe to store: Ready carries the position that the replay starts from, not the head.',
  })
  cursor!: string;

  @Field(() => GraphQLInstant, { description: "The server's clock: correct ringExpiresAt by it." })
  at!: Date;
}

@ObjectType({
  implements: InboxEvent,
  description: 'The subscription is registered: whatever commits from now on is delivered.',
  simpleResolvers: true,
})
export class Ready extends InboxEvent {
  @Field(() => Boolean, {
    description: 'False where events after the given cursor are no longer kept: the client starts again from activeCalls.',
  })
  recovered!: boolean;
}

@ObjectType({
  implements: InboxEvent,
  description: '`call` is the call as it stands now; `change` is what happened then.',
  simpleResolvers: true,
})
export class CallChanged extends InboxEvent {
  @Field(() => CallChangeEnum, { description: 'What happened then.' })
  change!: CallChange;

  callId!: string;
}

@ObjectType({ implements: InboxEvent, description: 'A signal of the other party.', simpleResolvers: true })
export class SignalReceived extends InboxEvent {
  @Field(() => ID, { description: 'The call it belongs to.' })
  callId!: string;

  @Field(() => SignalKindEnum, { description: 'What it is.' })
  kind!: SignalKind;

  @Field(() => String, { description: 'Byte for byte as it was sent.' })
  payload!: string;

  @Field(() => ID, { description: 'The device that sent it.' })
  fromDeviceId!: string;

  fromUserId!: string;
}

@ObjectType({ description: 'Events by plain request; CallChanged and SignalReceived only.', simpleResolvers: true })
export class InboxPage {
  @Field(() => [InboxEvent], { description: 'In order. A page may be empty and still have more.' })
  events!: InboxEvent[];

  @Field(() => ID, { description: 'The `after` of the next page.' })
  cursor!: string;

  @Field(() => Boolean, { description: 'False where events after the given cursor are no longer kept.' })
  recovered!: boolean;

  @Field(() => Boolean, { description: 'There is more behind this page.' })
  hasMore!: boolean;
}
