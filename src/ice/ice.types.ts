import { Field, ObjectType } from 'type-graphql';
import { GraphQLInstant } from '../graphql/instant.js';

@ObjectType({ simpleResolvers: true, description: "Ready to hand to RTCPeerConnection's iceServers." })
export class IceServer {
  @Field(() => [String], { description: 'stun: and stuns: URLs (RFC 7064), or turn: and turns: URLs (RFC 7065).' })
  urls!: readonly string[];

  @Field(() => String, { nullable: true, description: 'Null where the server asks for none.' })
  username!: string | null;

  @Field(() => String, { nullable: true, description: 'The password that belongs to the username. Treat it as one.' })
  credential!: string | null;
}

@ObjectType({ simpleResolvers: true, description: 'The servers that help two peers to reach each other.' })
export class IceServers {
  @Field(() => [IceServer], { description: 'STUN before TURN. Empty where the operator has configured none.' })
  servers!: readonly IceServer[];

  @Field(() => GraphQLInstant, {
    nullable: true,
    description: 'When the credentials end: ask again before. Null where no server needs a credential.',
  })
  expiresAt!: Date | null;
}
