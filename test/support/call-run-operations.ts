import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parse, print } from 'graphql';
import type { CallPartsFragment, InboxEventPartsFragment } from '../../src/client/gql/graphql.js';
import { inboxEventParts } from '../../src/client/operations.js';

/** All that a device can ask of what has happened, at once. */
export interface Everything {
  readonly activeCalls: CallPartsFragment[];
  readonly missedCallCount: number;
  readonly calls: { edges: { node: CallPartsFragment }[] };
  readonly inbox: { events: InboxEventPartsFragment[]; cursor: string; recovered: boolean; hasMore: boolean };
}

export const everythingOperation: TypedDocumentNode<Everything, { after: string | null; first: number }> = parse(`
  query Everything($after: ID, $first: Int!) {
    activeCalls { ...CallParts }
    missedCallCount
    calls(first: $first) { edges { node { ...CallParts } } }
    inbox(after: $after) { events { ...InboxEventParts } cursor recovered hasMore }
  }
  ${print(inboxEventParts)}
`);

export const markSeenOperation: TypedDocumentNode<{ markCallsSeen: number }, { upTo: string }> = parse(
  'mutation MarkSeen($upTo: ID!) { markCallsSeen(upTo: $upTo) }',
);
export const blockOperation: TypedDocumentNode<object, { id: string }> = parse('mutation Block($id: ID!) { blockUser(id: $id) { id } }');
export const unblockOperation: TypedDocumentNode<object, { id: string }> = parse('mutation Unblock($id: ID!) { unblockUser(id: $id) { id } }');
