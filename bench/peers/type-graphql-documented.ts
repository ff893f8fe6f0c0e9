import 'reflect-metadata';

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import { createPubSub } from '@graphql-yoga/subscription';
import { useServer } from 'graphql-ws/use/ws';
import {
  Arg,
  buildSchema,
  Field,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { WebSocketServer } from 'ws';

/** As TypeGraphQL's documentation has it: a pubsub of @graphql-yoga/subscription, a topic with the device as its id. */
enum SignalKind {
  OFFER = 'OFFER',
  ANSWER = 'ANSWER',
  ICE_CANDIDATE = 'ICE_CANDIDATE',
}
enum SignalDelivery {
  LIVE = 'LIVE',
}
registerEnumType(SignalKind, { name: 'SignalKind' });
registerEnumType(SignalDelivery, { name: 'SignalDelivery' });

@InputType()
class SendSignalInput {
  @Field(() => ID) to!: string;
  @Field(() => ID) from!: string;
  @Field(() => ID) callId!: string;
  @Field(() => SignalKind) kind!: SignalKind;
  @Field(() => String) payload!: string;
  @Field(() => ID, { nullable: true }) key?: string;
}

@ObjectType()
class SignalReceipt {
  @Field(() => ID) id!: string;
  @Field(() => SignalDelivery) delivery!: SignalDelivery;
  @Field(() => Boolean) duplicate!: boolean;
}

@ObjectType()
class SignalReceived {
  @Field(() => ID) callId!: string;
  @Field(() => SignalKind) kind!: SignalKind;
  @Field(() => String) payload!: string;
  @Field(() => ID) fromDeviceId!: string;
}

const pubSub = createPubSub<{ INBOX: [deviceId: string, signal: SignalReceived] }>();

@Resolver()
class SignalResolver {
  @Query(() => Boolean)
  ok(): boolean {
    return true;
  }

  @Mutation(() => SignalReceipt)
  async sendSignal(@Arg('input', () => SendSignalInput) { to, from, callId, kind, payload }: SendSignalInput): Promise<SignalReceipt> {
    pubSub.publish('INBOX', to, { callId, kind, payload, fromDeviceId: from });
    return { id: randomUUID(), delivery: SignalDelivery.LIVE, duplicate: false };
  }

  @Subscription(() => SignalReceived, {
    topics: 'INBOX',
    topicId: ({ args }: { args: { deviceId: string } }) => args.deviceId,
  })
  inbox(@Arg('deviceId', () => ID) _deviceId: string, @Root() signal: SignalReceived): SignalReceived {
    return signal;
  }
}

const schema = await buildSchema({ resolvers: [SignalResolver], pubSub });

const http = createServer((_request, response) => response.end());
useServer({ schema }, new WebSocketServer({ server: http, path: '/graphql' }));
http.listen(Number(process.env['PORT']), process.env['HOST']);
