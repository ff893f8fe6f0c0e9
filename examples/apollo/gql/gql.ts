/* eslint-disable */
import * as types from './graphql.js';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  fragment SessionParts on Session {\n    accessToken\n    refreshToken\n    user {\n      id\n      username\n    }\n    device {\n      id\n    }\n  }\n": typeof types.SessionPartsFragmentDoc,
    "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      ...SessionParts\n    }\n  }\n": typeof types.RegisterDocument,
    "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      ...SessionParts\n    }\n  }\n": typeof types.LoginDocument,
    "\n  mutation RefreshSession($refreshToken: String!) {\n    refreshSession(refreshToken: $refreshToken) {\n      ...SessionParts\n    }\n  }\n": typeof types.RefreshSessionDocument,
    "\n  fragment CallParts on Call {\n    id\n    status\n    direction\n    media\n    endReason\n    caller {\n      id\n      username\n    }\n    callee {\n      id\n      username\n    }\n    endedBy {\n      id\n    }\n    ringExpiresAt\n  }\n": typeof types.CallPartsFragmentDoc,
    "\n  mutation CreateCall($input: CreateCallInput!) {\n    createCall(input: $input) {\n      ...CallParts\n    }\n  }\n": typeof types.CreateCallDocument,
    "\n  mutation AcceptCall($id: ID!) {\n    acceptCall(id: $id) {\n      ...CallParts\n    }\n  }\n": typeof types.AcceptCallDocument,
    "\n  mutation EndCall($id: ID!, $reason: EndReason) {\n    endCall(id: $id, reason: $reason) {\n      ...CallParts\n    }\n  }\n": typeof types.EndCallDocument,
    "\n  mutation SendSignal($input: SendSignalInput!) {\n    sendSignal(input: $input) {\n      id\n      delivery\n      duplicate\n    }\n  }\n": typeof types.SendSignalDocument,
    "\n  query Call($id: ID!) {\n    call(id: $id) {\n      ...CallParts\n      timeline {\n        at\n        kind\n      }\n    }\n  }\n": typeof types.CallDocument,
    "\n  subscription Inbox($after: ID) {\n    inbox(after: $after) {\n      __typename\n      cursor\n      at\n      ... on Ready {\n        recovered\n        activeCalls {\n          ...CallParts\n        }\n      }\n      ... on CallChanged {\n        change\n        call {\n          ...CallParts\n        }\n      }\n      ... on SignalReceived {\n        callId\n        kind\n        payload\n      }\n      ... on SessionExpiring {\n        expiresAt\n      }\n      ... on ServerDraining {\n        reconnectAfterMs\n      }\n    }\n  }\n": typeof types.InboxDocument,
};
const documents: Documents = {
    "\n  fragment SessionParts on Session {\n    accessToken\n    refreshToken\n    user {\n      id\n      username\n    }\n    device {\n      id\n    }\n  }\n": types.SessionPartsFragmentDoc,
    "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      ...SessionParts\n    }\n  }\n": types.RegisterDocument,
    "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      ...SessionParts\n    }\n  }\n": types.LoginDocument,
    "\n  mutation RefreshSession($refreshToken: String!) {\n    refreshSession(refreshToken: $refreshToken) {\n      ...SessionParts\n    }\n  }\n": types.RefreshSessionDocument,
    "\n  fragment CallParts on Call {\n    id\n    status\n    direction\n    media\n    endReason\n    caller {\n      id\n      username\n    }\n    callee {\n      id\n      username\n    }\n    endedBy {\n      id\n    }\n    ringExpiresAt\n  }\n": types.CallPartsFragmentDoc,
    "\n  mutation CreateCall($input: CreateCallInput!) {\n    createCall(input: $input) {\n      ...CallParts\n    }\n  }\n": types.CreateCallDocument,
    "\n  mutation AcceptCall($id: ID!) {\n    acceptCall(id: $id) {\n      ...CallParts\n    }\n  }\n": types.AcceptCallDocument,
    "\n  mutation EndCall($id: ID!, $reason: EndReason) {\n    endCall(id: $id, reason: $reason) {\n      ...CallParts\n    }\n  }\n": types.EndCallDocument,
    "\n  mutation SendSignal($input: SendSignalInput!) {\n    sendSignal(input: $input) {\n      id\n      delivery\n      duplicate\n    }\n  }\n": types.SendSignalDocument,
    "\n  query Call($id: ID!) {\n    call(id: $id) {\n      ...CallParts\n      timeline {\n        at\n        kind\n      }\n    }\n  }\n": types.CallDocument,
    "\n  subscription Inbox($after: ID) {\n    inbox(after: $after) {\n      __typename\n      cursor\n      at\n      ... on Ready {\n        recovered\n        activeCalls {\n          ...CallParts\n        }\n      }\n      ... on CallChanged {\n        change\n        call {\n          ...CallParts\n        }\n      }\n      ... on SignalReceived {\n        callId\n        kind\n        payload\n      }\n      ... on SessionExpiring {\n        expiresAt\n      }\n      ... on ServerDraining {\n        reconnectAfterMs\n      }\n    }\n  }\n": types.InboxDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment SessionParts on Session {\n    accessToken\n    refreshToken\n    user {\n      id\n      username\n    }\n    device {\n      id\n    }\n  }\n"): (typeof documents)["\n  fragment SessionParts on Session {\n    accessToken\n    refreshToken\n    user {\n      id\n      username\n    }\n    device {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      ...SessionParts\n    }\n  }\n"): (typeof documents)["\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      ...SessionParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      ...SessionParts\n    }\n  }\n"): (typeof documents)["\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      ...SessionParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RefreshSession($refreshToken: String!) {\n    refreshSession(refreshToken: $refreshToken) {\n      ...SessionParts\n    }\n  }\n"): (typeof documents)["\n  mutation RefreshSession($refreshToken: String!) {\n    refreshSession(refreshToken: $refreshToken) {\n      ...SessionParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment CallParts on Call {\n    id\n    status\n    direction\n    media\n    endReason\n    caller {\n      id\n      username\n    }\n    callee {\n      id\n      username\n    }\n    endedBy {\n      id\n    }\n    ringExpiresAt\n  }\n"): (typeof documents)["\n  fragment CallParts on Call {\n    id\n    status\n    direction\n    media\n    endReason\n    caller {\n      id\n      username\n    }\n    callee {\n      id\n      username\n    }\n    endedBy {\n      id\n    }\n    ringExpiresAt\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateCall($input: CreateCallInput!) {\n    createCall(input: $input) {\n      ...CallParts\n    }\n  }\n"): (typeof documents)["\n  mutation CreateCall($input: CreateCallInput!) {\n    createCall(input: $input) {\n      ...CallParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AcceptCall($id: ID!) {\n    acceptCall(id: $id) {\n      ...CallParts\n    }\n  }\n"): (typeof documents)["\n  mutation AcceptCall($id: ID!) {\n    acceptCall(id: $id) {\n      ...CallParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EndCall($id: ID!, $reason: EndReason) {\n    endCall(id: $id, reason: $reason) {\n      ...CallParts\n    }\n  }\n"): (typeof documents)["\n  mutation EndCall($id: ID!, $reason: EndReason) {\n    endCall(id: $id, reason: $reason) {\n      ...CallParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SendSignal($input: SendSignalInput!) {\n    sendSignal(input: $input) {\n      id\n      delivery\n      duplicate\n    }\n  }\n"): (typeof documents)["\n  mutation SendSignal($input: SendSignalInput!) {\n    sendSignal(input: $input) {\n      id\n      delivery\n      duplicate\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Call($id: ID!) {\n    call(id: $id) {\n      ...CallParts\n      timeline {\n        at\n        kind\n      }\n    }\n  }\n"): (typeof documents)["\n  query Call($id: ID!) {\n    call(id: $id) {\n      ...CallParts\n      timeline {\n        at\n        kind\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Inbox($after: ID) {\n    inbox(after: $after) {\n      __typename\n      cursor\n      at\n      ... on Ready {\n        recovered\n        activeCalls {\n          ...CallParts\n        }\n      }\n      ... on CallChanged {\n        change\n        call {\n          ...CallParts\n        }\n      }\n      ... on SignalReceived {\n        callId\n        kind\n        payload\n      }\n      ... on SessionExpiring {\n        expiresAt\n      }\n      ... on ServerDraining {\n        reconnectAfterMs\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription Inbox($after: ID) {\n    inbox(after: $after) {\n      __typename\n      cursor\n      at\n      ... on Ready {\n        recovered\n        activeCalls {\n          ...CallParts\n        }\n      }\n      ... on CallChanged {\n        change\n        call {\n          ...CallParts\n        }\n      }\n      ... on SignalReceived {\n        callId\n        kind\n        payload\n      }\n      ... on SessionExpiring {\n        expiresAt\n      }\n      ... on ServerDraining {\n        reconnectAfterMs\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;