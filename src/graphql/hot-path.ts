import type { GraphQLFieldResolver, GraphQLObjectType, GraphQLSchema } from 'graphql';
import type { SignalRequest } from '../signaling/signal.service.js';
import type { RequestContext } from './context.js';
import { passOn } from './event-text.js';
import { requireViewer } from './require-viewer.js';

type Resolver<Source, Arguments> = GraphQLFieldResolver<Source, RequestContext, Arguments>;

/** `SignalResolver.sendSignal`. */
const sendSignal: Resolver<unknown, { input: SignalRequest }> = (_root, { input }, context) =>
  context.signals.send(requireViewer(context), input);

/**
 * The two fields that run for every signal, without what type-graphql does for each: an instance of the resolver, of the
 * input, of the chain of middlewares, and a promise for each of these. All other fields stay as it makes them.
 */
export function shortenHotPath(schema: GraphQLSchema): void {
  replace(schema.getMutationType(), 'sendSignal', sendSignal);
  // `InboxResolver.inboxEvents`: who may open the stream was asked when it was opened.
  replace(schema.getSubscriptionType(), 'inbox', passOn);
}

function replace<Source, Arguments>(type: GraphQLObjectType | null | undefined, name: string, resolve: Resolver<Source, Arguments>): void {
  const field = type?.getFields()[name];
  if (field === undefined) throw new Error(`The schema has no ${name}.`);
  field.resolve = resolve as GraphQLFieldResolver<unknown, unknown>;
}
