import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { GraphQLInstant } from '../graphql/instant.js';
import type { CallMedia, CallStatus, EndReason } from './call-status.js';

/** Enums of the API: `registerEnumType` publishes the keys, so these are the wire names. */
const keys = <Name extends string>(...names: Name[]): { [Key in Name]: Key } =>
  Object.fromEntries(names.map((name) => [name, name])) as { [Key in Name]: Key };

const CallStatusEnum = keys('CREATED', 'RINGING', 'ACTIVE', 'ENDED');
registerEnumType(CallStatusEnum, {
  name: 'CallStatus',
  description: 'Where a call is in its life.',
  valuesConfig: {
    CREATED: { description: 'Stored; no device of the callee has it yet.' },
    RINGING: { description: 'At least one device of the callee has received it.' },
    ACTIVE: { description: 'Answered.' },
    ENDED: { description: 'Over; endReason says why.' },
  },
});

const CallMediaEnum = keys('AUDIO', 'VIDEO', 'DATA');
registerEnumType(CallMediaEnum, {
  name: 'CallMedia',
  description: 'What the caller means to send; a hint for the ringing screen.',
  valuesConfig: {
    AUDIO: { description: 'Sound.' },
    VIDEO: { description: 'Picture and sound.' },
    DATA: { description: 'A data channel alone.' },
  },
});

export const CallDirectionEnum = keys('INCOMING', 'OUTGOING');
registerEnumType(CallDirectionEnum, {
  name: 'CallDirection',
  description: 'A call as the viewer sees it.',
  valuesConfig: {
    INCOMING: { description: 'The viewer is the callee, and the polite side of a negotiation.' },
    OUTGOING: { description: 'The viewer is the caller.' },
  },
});

export const EndReasonEnum = keys('HUNG_UP', 'CANCELLED', 'DECLINED', 'BUSY', 'NO_ANSWER', 'MEDIA_FAILED', 'SIGNALING_LOST', 'TERMINATED');
registerEnumType(EndReasonEnum, {
  name: 'EndReason',
  description: 'Why a call ended. Clients may give HUNG_UP, CANCELLED, DECLINED, BUSY and MEDIA_FAILED; the server gives the rest.',
  valuesConfig: {
    HUNG_UP: { description: 'One of the two hung up after the answer.' },
    CANCELLED: { description: 'The caller gave up before an answer.' },
    DECLINED: { description: 'The callee declined.' },
    BUSY: { description: 'The callee is in another call, or says so.' },
    NO_ANSWER: { description: 'By the server: it rang out.' },
    MEDIA_FAILED: { description: 'No media could be established between the peers.' },
    SIGNALING_LOST: { description: 'By the server: a device of the call was away for too long.' },
    TERMINATED: { description: 'By the server: a device revoked, an account deleted, an operator.' },
  },
});

const CallTimelineKindEnum = keys(
  'CREATED',
  'RINGING',
  'ANSWERED',
  'ENDED',
  'OFFER',
  'ANSWER',
  'ICE_CANDIDATE',
  'CUSTOM',
  'SIGNALING_DOWN',
  'SIGNALING_UP',
);
registerEnumType(CallTimelineKindEnum, {
  name: 'CallTimelineKind',
  description: 'What happened in a call.',
  valuesConfig: {
    CREATED: { description: 'The call was placed.' },
    RINGING: { description: 'The first device of the callee received it.' },
    ANSWERED: { description: 'A device of the callee accepted.' },
    ENDED: { description: 'The call ended.' },
    OFFER: { description: 'An SDP offer was passed on.' },
    ANSWER: { description: 'An SDP answer was passed on.' },
    ICE_CANDIDATE: { description: 'Candidates were passed on, or their end.' },
    CUSTOM: { description: "A signal of the clients' own was passed on." },
    SIGNALING_DOWN: { description: 'A device of the call lost its connection to the server.' },
    SIGNALING_UP: { description: 'A device of the call is back.' },
  },
});

@ObjectType({ description: 'What happened in a call and when, never a payload.', simpleResolvers: true })
export class CallTimelineEntry {
  @Field(() => GraphQLInstant, { description: "When, by the database's clock." })
  at!: Date;

  @Field(() => CallTimelineKindEnum, { description: 'What happened.' })
  kind!: keyof typeof CallTimelineKindEnum;

  userId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The device that did it; null for the server.' })
  deviceId!: string | null;

  @Field(() => Int, { nullable: true, description: 'Bytes of the payload, for a signal.' })
  bytes!: number | null;

  @Field(() => String, { nullable: true, description: "The `detail` of endCall, or the server's own." })
  detail!: string | null;
}

@ObjectType({ description: 'A call between two users.', simpleResolvers: true })
export class Call {
  @Field(() => ID, { description: 'A UUID.' })
  id!: string;

  callerId!: string;
  calleeId!: string;
  endedById!: string | null;

  @Field(() => CallMediaEnum, { description: 'What the caller means to send.' })
  media!: CallMedia;

  @Field(() => String, { nullable: true, description: 'Opaque to the server; as createCall had it.' })
  metadata!: string | null;

  @Field(() => CallStatusEnum, { description: 'As it stands now.' })
  status!: CallStatus;

  @Field(() => EndReasonEnum, { nullable: true, description: 'Why it ended; null while it has not.' })
  endReason!: EndReason | null;

  @Field(() => ID, { description: "The caller's device in the call." })
  callerDeviceId!: string;

  @Field(() => ID, { nullable: true, description: "The callee's device in the call; null until one has answered." })
  calleeDeviceId!: string | null;

  @Field(() => GraphQLInstant, { description: 'When it was placed.' })
  createdAt!: Date;

  @Field(() => GraphQLInstant, { description: "When it ends as NO_ANSWER unless answered, by the database's clock." })
  ringExpiresAt!: Date;

  @Field(() => GraphQLInstant, { nullable: true, description: 'When the first device of the callee received it.' })
  ringingAt!: Date | null;

  @Field(() => GraphQLInstant, { nullable: true, description: 'When it was answered.' })
  answeredAt!: Date | null;

  @Field(() => GraphQLInstant, { nullable: true, description: 'When it ended.' })
  endedAt!: Date | null;
}

@InputType({ description: 'A call to place.' })
export class CreateCallInput {
  @Field(() => ID, { description: 'The user to call.' })
  calleeId!: string;

  @Field(() => CallMediaEnum, { nullable: true, defaultValue: 'VIDEO', description: 'What the caller means to send.' })
  media!: CallMedia | null;

  @Field(() => String, { nullable: true, description: 'At most 1 KiB, opaque to the server.' })
  metadata?: string | null;

  @Field(() => Int, { nullable: true, defaultValue: 60, description: '5 to 180.' })
  ringSeconds!: number | null;

  @Field(() => ID, { nullable: true, description: 'The same key from the same user returns the same call, for 24 hours.' })
  key?: string | null;
}
