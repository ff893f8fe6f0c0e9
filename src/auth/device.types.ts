import { Field, ID, ObjectType } from 'type-graphql';
import { GraphQLInstant } from '../graphql/instant.js';

@ObjectType({ simpleResolvers: true, description: 'A signed-in device of the viewer: one login.' })
export class Device {
  @Field(() => ID, { description: 'A UUID. Each login makes a new one.' })
  id!: string;

  @Field(() => String, { description: 'As it was named at login.' })
  name!: string;

  @Field(() => Boolean, { description: 'It is the device that asks.' })
  current!: boolean;

  @Field(() => GraphQLInstant, { description: 'When it signed in.' })
  createdAt!: Date;

  @Field(() => GraphQLInstant, { description: 'When it last asked for something, to the minute.' })
  lastSeenAt!: Date;
}
