import { Field, InputType, ObjectType } from 'type-graphql';
import { GraphQLInstant } from '../graphql/instant.js';
import { User } from '../users/user.types.js';
import { Device } from './device.types.js';

@ObjectType({ simpleResolvers: true, description: 'What a device needs to ask as its user.' })
export class Session {
  @Field(() => String, { description: "A JWT for the Authorization header and for the WebSocket's connection_init payload." })
  accessToken!: string;

  @Field(() => GraphQLInstant, { description: 'When the access token ends.' })
  expiresAt!: Date;

  @Field(() => String, { description: 'Opaque, single use.' })
  refreshToken!: string;

  @Field(() => User, { description: 'Whose session it is.' })
  user!: User;

  @Field(() => Device, { description: 'The device that is signed in by it.' })
  device!: Device;
}

@InputType({ description: 'A new account and its first device.' })
export class RegisterInput {
  @Field(() => String, { description: '3 to 32 letters, digits, or any of _ . -, unique without regard to case.' })
  username!: string;

  @Field(() => String, { description: 'At least 8 characters and at most 72 bytes in UTF-8.' })
  password!: string;

  @Field(() => String, { nullable: true, description: '1 to 64 characters; the username where it is left out.' })
  displayName?: string | null;

  @Field(() => String, { nullable: true, description: '1 to 64 characters, for the list of devices.' })
  deviceName?: string | null;
}

@InputType({ description: 'Who signs a device in.' })
export class LoginInput {
  @Field(() => String, { description: 'The username, in any case.' })
  username!: string;

  @Field(() => String, { description: 'The password.' })
  password!: string;

  @Field(() => String, { nullable: true, description: '1 to 64 characters, for the list of devices.' })
  deviceName?: string | null;
}
