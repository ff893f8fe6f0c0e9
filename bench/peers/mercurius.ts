import { randomUUID } from 'node:crypto';

import Fastify from 'fastify';
import mercurius from 'mercurius';

/**
 * As Mercurius' documentation has it: its own in-memory pubsub, every operation over the WebSocket
 * (`fullWsTransport`), and `jit` at its default, which is off. `JIT=1` compiles a query at its second use.
 */
const schema = `
  enum SignalKind { OFFER ANSWER ICE_CANDIDATE }
  enum SignalDelivery { LIVE }
  input SendSignalInput { to: ID! from: ID! callId: ID! kind: SignalKind! payload: String! key: ID }
  type SignalReceipt { id: ID! delivery: SignalDelivery! duplicate: Boolean! }
  type SignalReceived { callId: ID! kind: SignalKind! payload: String! fromDeviceId: ID! }
  type Query { ok: Boolean! }
  type Mutation { sendSignal(input: SendSignalInput!): SignalReceipt! }
  type Subscription { inbox(deviceId: ID!): SignalReceived! }
`;

interface SendSignal {
  readonly input: { readonly to: string; readonly from: string; readonly callId: string; readonly kind: string; readonly payload: string };
}

const app = Fastify();

app.register(mercurius, {
  schema,
  jit: Number(process.env['JIT'] ?? 0),
  subscription: { fullWsTransport: true },
  resolvers: {
    Query: { ok: () => true },
    Mutation: {
      sendSignal: async (_root: unknown, { input }: SendSignal, { pubsub }) => {
        const { to, from, callId, kind, payload } = input;
        pubsub.publish({ topic: `inbox/${to}`, payload: { inbox: { callId, kind, payload, fromDeviceId: from } } });
        return { id: randomUUID(), delivery: 'LIVE', duplicate: false };
      },
    },
    Subscription: {
      inbox: {
        subscribe: (_root: unknown, { deviceId }: { readonly deviceId: string }, { pubsub }) => pubsub.subscribe(`inbox/${deviceId}`),
      },
    },
  },
});

app.get('/readyz', () => ({ ready: true }));

await app.listen({ port: Number(process.env['PORT']), host: process.env['HOST']! });
