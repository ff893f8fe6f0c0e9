import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import type {
  InboxEventPartsFragment,
  LoginInput,
  RegisterInput,
  SessionPartsFragment,
  TypedDocumentString,
} from '../client/gql/graphql.js';
import { inboxSubscription, loginOperation, registerOperation } from '../client/operations.js';

export type Session = SessionPartsFragment;
export type InboxEvent = InboxEventPartsFragment;

/** The server refused, with this code of docs/errors.md. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: string;

  constructor(code: string, message: string) {
    super(`The server refused: ${code}, ${message}`);
    this.code = code;
  }
}

/** A new account, signed in. Over HTTP, since a socket is opened with the token that this gives. */
export async function register(url: string, input: RegisterInput, signal: AbortSignal): Promise<Session> {
  return (await post<{ register: Session }>(url, String(registerOperation), { input }, signal)).register;
}

/** Another device of an account. */
export async function login(url: string, input: LoginInput, signal: AbortSignal): Promise<Session> {
  return (await post<{ login: Session }>(url, String(loginOperation), { input }, signal)).login;
}

async function post<Data>(url: string, query: string, variables: object, signal: AbortSignal): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    signal,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  }).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : new Error(`No server answers at ${url}.`, { cause: error });
  });
  if (!response.headers.get('content-type')?.includes('json'))
    throw new Error(`What answers at ${url} is no GraphQL server (status ${response.status}).`);
  const { data, errors } = (await response.json()) as { data?: Data | null; errors?: readonly unknown[] };
  if (data == null) throw asError(errors ?? []);
  return data;
}

/** One signed-in device and its socket. It comes back from a broken connection when it is told to: when that is, is for the story to say. */
export class SignalingClient {
  readonly session: Session;
  readonly #socket: Client;
  #raw: WebSocket | null = null;
  #isCut = false;

  constructor(url: string, session: Session) {
    this.session = session;
    this.#socket = createClient({
      url: url.replace(/^http/, 'ws'),
      connectionParams: { Authorization: `Bearer ${session.accessToken}` },
      retryAttempts: 0,
      webSocketImpl: WebSocket,
      on: { opened: (socket) => (this.#raw = socket as WebSocket) },
    });
  }

  /** A query or mutation over the socket. Several at once are handled in the order in which they were asked. */
  run<Data, Variables extends Record<string, unknown>>(
    operation: TypedDocumentString<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    return new Promise((resolve, reject) => {
      this.#socket.subscribe<Data>(
        { query: String(operation), variables },
        {
          next: ({ data, errors }) => (data == null || errors !== undefined ? reject(asError(errors ?? [])) : resolve(data)),
          error: (error) => reject(asError(error)),
          complete: () => undefined,
        },
      );
    });
  }

  /**
   * Everything behind `after` that is addressed to this device, in order; the first event is Ready. Ends when the client
   * is closed or cut off.
   */
  async *inbox(after: string | null): AsyncGenerator<InboxEvent, void> {
    this.#isCut = false;
    try {
      for await (const { data, errors } of this.#socket.iterate<{ inbox: InboxEvent }>({
        query: String(inboxSubscription),
        variables: { after },
      })) {
        if (data == null) throw asError(errors ?? []);
        yield data.inbox;
      }
    } catch (error) {
      if (!this.#isCut) throw asError(error);
    }
  }

  /** As a phone that changes networks: the connection is gone, and nobody has said goodbye. */
  cut(): void {
    this.#isCut = true;
    this.#raw?.terminate();
  }

  async close(): Promise<void> {
    await this.#socket.dispose();
  }
}

/** graphql-ws rejects with an Error, a list of GraphQL errors or a CloseEvent. */
function asError(error: unknown): Error {
  if (error instanceof Error) return error;
  const [first] = Array.isArray(error) ? (error as { message?: string; extensions?: { code?: string } }[]) : [];
  if (first !== undefined) return new Refusal(first.extensions?.code ?? 'no code', first.message ?? '');
  const { code, reason } = (error ?? {}) as { code?: number; reason?: string };
  return new Error(code === undefined ? 'The connection failed.' : `The connection was closed with ${code} ${reason}.`);
}
