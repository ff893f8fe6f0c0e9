import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import { useServer } from 'graphql-ws/use/ws';
import { createPubSub, createSchema, createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';

/** As Yoga's documentation joins it with graphql-ws: its own in-memory pubsub, its envelop in every operation. */
interface Signal {
  readonly callId: string;
  readonly kind: string;
  readonly payload: string;
  readonly fromDeviceId: string;
}

interface SendSignal {
  readonly input: { readonly to: string; readonly from: string; readonly callId: string; readonly kind: string; readonly payload: string };
}

const pubSub = createPubSub<{ inbox: [deviceId: string, signal: Signal] }>();

const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs: `
      enum SignalKind { OFFER ANSWER ICE_CANDIDATE }
      enum SignalDelivery { LIVE }
      input SendSignalInput { to: ID! from: ID! callId: ID! kind: SignalKind! payload: String! key: ID }
      type SignalReceipt { id: ID! delivery: SignalDelivery! duplicate: Boolean! }
      type SignalReceived { callId: ID! kind: SignalKind! payload: String! fromDeviceId: ID! }
      type Query { ok: Boolean! }
      type Mutation { sendSignal(input: SendSignalInput!): SignalReceipt! }
      type Subscription { inbox(deviceId: ID!): SignalReceived! }
    `,
    resolvers: {
      Query: { ok: () => true },
      Mutation: {
        sendSignal: (_root: unknown, { input: { to, from, callId, kind, payload } }: SendSignal) => {
          pubSub.publish('inbox', to, { callId, kind, payload, fromDeviceId: from });
          return { id: randomUUID(), delivery: 'LIVE', duplicate: false };
        },
      },
      Subscription: {
        inbox: {
          subscribe: (_root: unknown, { deviceId }: { readonly deviceId: string }) => pubSub.subscribe('inbox', deviceId),
          resolve: (signal: Signal) => signal,
        },
      },
    },
  }),
});

const http = createServer((request, response) => {
  if (request.url === '/readyz') response.end('ready');
  else void yoga(request, response);
});

interface Enveloped {
  readonly execute: (args: unknown) => never;
  readonly subscribe: (args: unknown) => never;
}

useServer(
  {
    execute: (args) => (args.rootValue as Enveloped).execute(args),
    subscribe: (args) => (args.rootValue as Enveloped).subscribe(args),
    onSubscribe: async (context, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...context,
        req: context.extra.request,
        socket: context.extra.socket,
        params,
      });
      const args = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document);
      return errors.length > 0 ? errors : args;
    },
  },
  new WebSocketServer({ server: http, path: yoga.graphqlEndpoint }),
);

http.listen(Number(process.env['PORT']), process.env['HOST']);
