import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { createClient, type Client } from 'graphql-ws';
import type { InboxEventPartsFragment, SessionPartsFragment } from '../client/gql/graphql.js';
import { inboxSubscription, registerOperation } from '../client/operations.js';

export type Session = SessionPartsFragment;
export type InboxEvent = InboxEventPartsFragment;

/** A new account, signed in. Over HTTP, since a socket is opened with the token that this gives. */
export async function register(url: string, username: string, password: string, signal: AbortSignal): Promise<Session> {
  const response = await fetch(url, {
    method: 'POST',
    signal,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: print(registerOperation), variables: { input: { username, password, deviceName: 'demo' } } }),
  }).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : new Error(`No server answers at ${url}.`, { cause: error });
  });
  if (!response.headers.get('content-type')?.includes('json'))
    throw new Error(`What answers at ${url} is no GraphQL server (status ${response.status}).`);
  const { data, errors } = (await response.json()) as { data?: { register: Session } | null; errors?: readonly unknown[] };
  if (data == null) throw asError(errors ?? []);
  return data.register;
}

/** One signed-in device and its socket. It does not come back from a broken connection: this is a demo of a call, not of a network. */
export class SignalingClient {
  readonly session: Session;
  readonly #socket: Client;

  constructor(url: string, session: Session) {
    this.session = session;
    this.#socket = createClient({
      url: url.replace(/^http/, 'ws'),
      connectionParams: { Authorization: `Bearer ${session.accessToken}` },
      retryAttempts: 0,
    });
  }

  /** A query or mutation over the socket. Several at once are handled in the order in which they were asked. */
  run<Data, Variables extends Record<string, unknown>>(operation: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
    return new Promise((resolve, reject) => {
      this.#socket.subscribe<Data>(
        { query: print(operation), variables },
        {
          next: ({ data, errors }) => (data == null || errors !== undefined ? reject(asError(errors ?? [])) : resolve(data)),
          error: (error) => reject(asError(error)),
          complete: () => undefined,
        },
      );
    });
  }

  /** Everything that is addressed to this device, in order; the first event is Ready. Ends when the client is closed. */
  async *inbox(): AsyncGenerator<InboxEvent, void> {
    try {
      for await (const { data, errors } of this.#socket.iterate<{ inbox: InboxEvent }>({ query: print(inboxSubscription) })) {
        if (data == null) throw asError(errors ?? []);
        yield data.inbox;
      }
    } catch (error) {
      throw asError(error);
    }
  }

  async close(): Promise<void> {
    await this.#socket.dispose();
  }
}

/** graphql-ws rejects with an Error, a list of GraphQL errors or a CloseEvent. */
function asError(error: unknown): Error {
  if (error instanceof Error) return error;
  const [first] = Array.isArray(error) ? (error as { message?: string; extensions?: { code?: string } }[]) : [];
  if (first !== undefined) return new Error(`The server refused: ${first.extensions?.code ?? 'no code'}, ${first.message}`);
  const { code, reason } = (error ?? {}) as { code?: number; reason?: string };
  return new Error(code === undefined ? 'The connection failed.' : `The connection was closed with ${code} ${reason}.`);
}
