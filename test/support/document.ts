import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parse } from 'graphql';
import type { TypedDocumentString } from '../../src/client/gql/graphql.js';

/** An operation of src/client as Apollo Client and urql take them. */
export function asDocument<Data, Variables>(operation: TypedDocumentString<Data, Variables>): TypedDocumentNode<Data, Variables> {
  return parse(String(operation)) as TypedDocumentNode<Data, Variables>;
}
