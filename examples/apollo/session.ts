import type { ResultOf, TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import type { LoginInput, RegisterInput, SessionPartsFragment } from './gql/graphql.js';
import { login, refreshSession, register } from './operations.js';

/** One signed-in device, whose tokens are renewed when the server asks for it: no clock of this machine is trusted. */
export class Session {
  readonly url: string;
  readonly #onOver: () => void;
  #tokens: SessionPartsFragment;
  #renewal: Promise<void> | null = null;
  #isOver = false;

  private constructor(url: string, tokens: SessionPartsFragment, onOver: () => void) {
    this.url = url;
    this.#tokens = tokens;
    this.#onOver = onOver;
  }

  /** A new account. `onOver`: the server has ended the session; ask to sign in again. */
  static async register(url: string, input: RegisterInput, onOver: () => void): Promise<Session> {
    return new Session(url, (await post(url, register, { input })).register, onOver);
  }

  static async signIn(url: string, input: LoginInput, onOver: () => void): Promise<Session> {
    return new Session(url, (await post(url, login, { input })).login, onOver);
  }

  get user(): SessionPartsFragment['user'] {
    return this.#tokens.user;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** After a renewal that is under way. */
  async authorization(): Promise<string> {
    await this.#renewal?.catch(() => undefined);
    return `Bearer ${this.#tokens.accessToken}`;
  }

  /**
   * A refresh token is good for one use, so one renewal serves all who ask at that time. Where the answer was lost the
   * same token may be shown again for 20 seconds: a later renewal does so by itself.
   */
  renew(): Promise<void> {
    return (this.#renewal ??= this.#renew().finally(() => (this.#renewal = null)));
  }

  async #renew(): Promise<void> {
    try {
      const { refreshToken } = this.#tokens;
      this.#tokens = (await post(this.url, refreshSession, { refreshToken })).refreshSession;
    } catch (error) {
      if (error instanceof RefusedError && error.code === 'UNAUTHENTICATED' && !this.#isOver) {
        this.#isOver = true;
        this.#onOver();
      }
      throw error;
    }
  }
}

/** By `extensions.code`; docs/errors.md has the list. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Sessions begin and are renewed beside the GraphQL client, which needs one before its first request. */
async function post<Data, Variables>(url: string, document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const { data, errors } = (await response.json()) as {
    data?: ResultOf<typeof document> | null;
    errors?: { message: string; extensions: { code: string } }[];
  };
  if (data == null) throw new RefusedError(errors?.[0]?.extensions.code ?? 'INTERNAL', errors?.[0]?.message ?? 'No answer.');
  return data;
}
