import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import type { SignalKind } from './signal.repository.js';

export const SignalKindEnum = { OFFER: 'OFFER', ANSWER: 'ANSWER', ICE_CANDIDATE: 'ICE_CANDIDATE', CUSTOM: 'CUSTOM' } as const;
registerEnumType(SignalKindEnum, {
  name: 'SignalKind',
  description: 'What a signal is, by the names of WebRTC.',
  valuesConfig: {
    OFFER: { description: 'An SDP offer; the first one comes after createCall, later ones renegotiate.' },
    ANSWER: { description: 'An SDP answer. From a ringing device of the callee it accepts the call.' },
    ICE_CANDIDATE: { description: 'One RTCIceCandidateInit or an array of them, as JSON; empty at the end of candidates.' },
    CUSTOM: { description: "Anything of the clients' own." },
  },
});

export const SignalDeliveryEnum = { LIVE: 'LIVE', STORED: 'STORED' } as const;
registerEnumType(SignalDeliveryEnum, {
  name: 'SignalDelivery',
  description: 'Whether the recipient was there. It says nothing of arrival; the cursor does.',
  valuesConfig: {
    LIVE: { description: 'A device of the recipient was subscribed when the signal became durable.' },
    STORED: { description: 'Durable, waiting for the recipient.' },
  },
});

@InputType({ description: 'One opaque payload for the other party.' })
export class SendSignalInput {
  @Field(() => ID, { description: 'The call it belongs to.' })
  callId!: string;

  @Field(() => SignalKindEnum, { description: 'What it is.' })
  kind!: SignalKind;

  @Field(() => String, {
    description:
      'At most 32 KiB; arrives byte for byte as it was sent. An ICE_CANDIDATE with an empty payload marks the end of candidates.',
  })
  payload!: string;

  @Field(() => ID, { nullable: true, description: 'The same key from the same device in the same call is delivered once.' })
  key?: string | null;
}

@ObjectType({ description: 'The signal is durable.', simpleResolvers: true })
export class SignalReceipt {
  @Field(() => ID, { description: 'Of the signal.' })
  id!: string;

  @Field(() => SignalDeliveryEnum, { description: 'Whether the recipient was there.' })
  delivery!: keyof typeof SignalDeliveryEnum;

  @Field(() => Boolean, { description: 'The key was seen before: nothing was sent again.' })
  duplicate!: boolean;
}
