import type { TypedDocumentString } from '../../src/client/gql/graphql.js';
import type { GraphQLFormattedError } from 'graphql';

export interface Answer<Data> {
  readonly status: number;
  readonly body: { data?: Data | null; errors?: readonly GraphQLFormattedError[] };
}

/** An operation that was refused, as a client sees it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly errors: readonly GraphQLFormattedError[];

  constructor(errors: readonly GraphQLFormattedError[]) {
    super(`${String(errors[0]?.extensions?.['code'])}: ${errors[0]?.message}`);
    this.errors = errors;
  }

  get code(): unknown {
    return this.errors[0]?.extensions?.['code'];
  }

  get extensions(): Record<string, unknown> | undefined {
    return this.errors[0]?.extensions;
  }
}

/** One POST, as it comes. */
export async function post<Data>(url: string, token: string | null, query: string, variables: object = {}): Promise<Answer<Data>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, body: (await response.json()) as Answer<Data>['body'] };
}

/** One typed operation over HTTP; throws an ApiError where it was refused. */
export async function run<Data, Variables extends object>(
  url: string,
  token: string | null,
  operation: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const { body } = await post<Data>(url, token, String(operation), variables);
  if (body.errors !== undefined || body.data == null) throw new ApiError(body.errors ?? []);
  return body.data;
}
