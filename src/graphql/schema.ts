import 'reflect-metadata';
import { isInterfaceType, lexicographicSortSchema, type GraphQLSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql';
import { AuthResolver } from '../auth/auth.resolver.js';
import { DeviceResolver } from '../auth/device.resolver.js';
import { BlockResolver } from '../blocks/block.resolver.js';
import { CallHistoryResolver } from '../calls/call-history.resolver.js';
import { CallResolver } from '../calls/call.resolver.js';
import { IceResolver } from '../ice/ice.resolver.js';
import { CallChangedResolver, InboxResolver, ReadyResolver, SignalReceivedResolver } from '../signaling/inbox.resolver.js';
import { CallChanged, Ready, ServerDraining, SessionExpiring, SignalReceived } from '../signaling/inbox.types.js';
import { SignalResolver } from '../signaling/signal.resolver.js';
import { DevicePresenceResolver, PresenceResolver } from '../presence/presence.resolver.js';
import { UserResolver } from '../users/user.resolver.js';
import type { RequestContext } from './context.js';
import { shortenHotPath } from './hot-path.js';
import { requireViewer } from './require-viewer.js';

const resolvers: NonEmptyArray<Function> = [
  AuthResolver,
  DeviceResolver,
  UserResolver,
  CallResolver,
  CallHistoryResolver,
  SignalResolver,
  InboxResolver,
  ReadyResolver,
  CallChangedResolver,
  BlockResolver,
  PresenceResolver,
  DevicePresenceResolver,
  SignalReceivedResolver,
  IceResolver,
];

/** Events come from our own iterators; the bus that type-graphql asks for must never carry one. */
const noPubSub = {
  publish: (): never => {
    throw new Error('Events go through the inbox.');
  },
  subscribe: (): never => {
    throw new Error('Events come from the inbox.');
  },
};

/** The schema, sorted, with its resolvers. */
export function createSchema(): GraphQLSchema {
  const schema = lexicographicSortSchema(
    buildSchemaSync({
      resolvers,
      orphanedTypes: [Ready, CallChanged, SignalReceived, SessionExpiring, ServerDraining],
      authChecker: ({ context }: { context: RequestContext }) => requireViewer(context) !== null,
      pubSub: noPubSub,
      validate: false,
    }),
  );
  // type-graphql wraps it in a promise; an event knows its type at once.
  const events = schema.getType('InboxEvent');
  if (isInterfaceType(events)) events.resolveType = (event: { __typename: string }) => event.__typename;
  shortenHotPath(schema);
  return schema;
}
