import { Field, ID, ObjectType } from 'type-graphql';
import { GraphQLInstant } from '../graphql/instant.js';

@ObjectType({ simpleResolvers: true, description: 'Somebody with an account; in a call also somebody who had one.' })
export class User {
  @Field(() => ID, { description: 'A UUID. It never changes.' })
  id!: string;

  @Field(() => String, { description: 'Unique without regard to case. Empty where the account was deleted.' })
  username!: string;

  @Field(() => String, { description: 'The name to show. Anybody may have the same.' })
  displayName!: string;

  @Field(() => GraphQLInstant, { description: 'When the account was made.' })
  createdAt!: Date;
}
