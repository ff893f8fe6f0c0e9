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
    "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      ...SessionParts\n    }\n  }\n": typeof types.RegisterDocument,
    "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      ...SessionParts\n    }\n  }\n": typeof types.LoginDocument,
    "\n  mutation RefreshSession($refreshToken: String!) {\n    refreshSession(refreshToken: $refreshToken) {\n      ...SessionParts\n    }\n  }\n": typeof types.RefreshSessionDocument,
    "\n  mutation Logout {\n    logout\n  }\n": typeof types.LogoutDocument,
    "\n  fragment SessionParts on Session {\n    accessToken\n    expiresAt\n    refreshToken\n    user {\n      id\n      username\n      displayName\n    }\n    device {\n      id\n      name\n    }\n  }\n": typeof types.SessionPartsFragmentDoc,
    "\n  fragment CallParts on Call {\n    id\n    status\n    direction\n    media\n    metadata\n    endReason\n    missed\n    caller {\n      id\n      username\n    }\n    callee {\n      id\n      username\n    }\n    endedBy {\n      id\n    }\n    callerDeviceId\n    calleeDeviceId\n    createdAt\n    ringExpiresAt\n    ringingAt\n    answeredAt\n    endedAt\n  }\n": typeof types.CallPartsFragmentDoc,
    "\n  mutation CreateCall($input: CreateCallInput!) {\n    createCall(input: $input) {\n      ...CallParts\n    }\n  }\n": typeof types.CreateCallDocument,
    "\n  mutation AcceptCall($id: ID!) {\n    acceptCall(id: $id) {\n      ...CallParts\n    }\n  }\n": typeof types.AcceptCallDocument,
    "\n  mutation EndCall($id: ID!, $reason: EndReason, $detail: String) {\n    endCall(id: $id, reason: $reason, detail: $detail) {\n      ...CallParts\n    }\n  }\n": typeof types.EndCallDocument,
    "\n  mutation SendSignal($input: SendSignalInput!) {\n    sendSignal(input: $input) {\n      id\n      delivery\n      duplicate\n    }\n  }\n": typeof types.SendSignalDocument,
    "\n  query Call($id: ID!) {\n    call(id: $id) {\n      ...CallParts\n    }\n  }\n": typeof types.CallDocument,
    "\n  query Timeline($id: ID!) {\n    call(id: $id) {\n      id\n      timeline {\n        at\n        kind\n        user {\n          id\n          username\n        }\n        deviceId\n        bytes\n        detail\n      }\n    }\n  }\n": typeof types.TimelineDocument,
    "\n  query ActiveCalls {\n    activeCalls {\n      ...CallParts\n    }\n  }\n": typeof types.ActiveCallsDocument,
    "\n  query Calls($first: Int, $after: String, $filter: CallFilter) {\n    calls(first: $first, after: $after, filter: $filter) {\n      edges {\n        cursor\n        node {\n          ...CallParts\n        }\n      }\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n    }\n  }\n": typeof types.CallsDocument,
    "\n  fragment InboxEventParts on InboxEvent {\n    __typename\n    cursor\n    at\n    ... on Ready {\n      recovered\n      activeCalls {\n        ...CallParts\n      }\n    }\n    ... on CallChanged {\n      change\n      call {\n        ...CallParts\n      }\n    }\n    ... on SignalReceived {\n      callId\n      kind\n      payload\n      from {\n        id\n      }\n      fromDeviceId\n    }\n    ... on SessionExpiring {\n      expiresAt\n    }\n    ... on ServerDraining {\n      reconnectAfterMs\n    }\n  }\n": typeof types.InboxEventPartsFragmentDoc,
    "\n  subscription Inbox($after: ID) {\n    inbox(after: $after) {\n      ...InboxEventParts\n    }\n  }\n": typeof types.InboxDocument,
    "\n  query InboxPage($after: ID, $first: Int) {\n    inbox(after: $after, first: $first) {\n      events {\n        ...InboxEventParts\n      }\n      cursor\n      recovered\n      hasMore\n    }\n  }\n": typeof types.InboxPageDocument,
};
const documents: Documents = {
    "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      ...SessionParts\n    }\n  }\n": types.RegisterDocument,
    "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      ...SessionParts\n    }\n  }\n": types.LoginDocument,
    "\n  mutation RefreshSession($refreshToken: String!) {\n    refreshSession(refreshToken: $refreshToken) {\n      ...SessionParts\n    }\n  }\n": types.RefreshSessionDocument,
    "\n  mutation Logout {\n    logout\n  }\n": types.LogoutDocument,
    "\n  fragment SessionParts on Session {\n    accessToken\n    expiresAt\n    refreshToken\n    user {\n      id\n      username\n      displayName\n    }\n    device {\n      id\n      name\n    }\n  }\n": types.SessionPartsFragmentDoc,
    "\n  fragment CallParts on Call {\n    id\n    status\n    direction\n    media\n    metadata\n    endReason\n    missed\n    caller {\n      id\n      username\n    }\n    callee {\n      id\n      username\n    }\n    endedBy {\n      id\n    }\n    callerDeviceId\n    calleeDeviceId\n    createdAt\n    ringExpiresAt\n    ringingAt\n    answeredAt\n    endedAt\n  }\n": types.CallPartsFragmentDoc,
    "\n  mutation CreateCall($input: CreateCallInput!) {\n    createCall(input: $input) {\n      ...CallParts\n    }\n  }\n": types.CreateCallDocument,
    "\n  mutation AcceptCall($id: ID!) {\n    acceptCall(id: $id) {\n      ...CallParts\n    }\n  }\n": types.AcceptCallDocument,
    "\n  mutation EndCall($id: ID!, $reason: EndReason, $detail: String) {\n    endCall(id: $id, reason: $reason, detail: $detail) {\n      ...CallParts\n    }\n  }\n": types.EndCallDocument,
    "\n  mutation SendSignal($input: SendSignalInput!) {\n    sendSignal(input: $input) {\n      id\n      delivery\n      duplicate\n    }\n  }\n": types.SendSignalDocument,
    "\n  query Call($id: ID!) {\n    call(id: $id) {\n      ...CallParts\n    }\n  }\n": types.CallDocument,
    "\n  query Timeline($id: ID!) {\n    call(id: $id) {\n      id\n      timeline {\n        at\n        kind\n        user {\n          id\n          username\n        }\n        deviceId\n        bytes\n        detail\n      }\n    }\n  }\n": types.TimelineDocument,
    "\n  query ActiveCalls {\n    activeCalls {\n      ...CallParts\n    }\n  }\n": types.ActiveCallsDocument,
    "\n  query Calls($first: Int, $after: String, $filter: CallFilter) {\n    calls(first: $first, after: $after, filter: $filter) {\n      edges {\n        cursor\n        node {\n          ...CallParts\n        }\n      }\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n    }\n  }\n": types.CallsDocument,
    "\n  fragment InboxEventParts on InboxEvent {\n    __typename\n    cursor\n    at\n    ... on Ready {\n      recovered\n      activeCalls {\n        ...CallParts\n      }\n    }\n    ... on CallChanged {\n      change\n      call {\n        ...CallParts\n      }\n    }\n    ... on SignalReceived {\n      callId\n      kind\n      payload\n      from {\n        id\n      }\n      fromDeviceId\n    }\n    ... on SessionExpiring {\n      expiresAt\n    }\n    ... on ServerDraining {\n      reconnectAfterMs\n    }\n  }\n": types.InboxEventPartsFragmentDoc,
    "\n  subscription Inbox($after: ID) {\n    inbox(after: $after) {\n      ...InboxEventParts\n    }\n  }\n": types.InboxDocument,
    "\n  query InboxPage($after: ID, $first: Int) {\n    inbox(after: $after, first: $first) {\n      events {\n        ...InboxEventParts\n      }\n      cursor\n      recovered\n      hasMore\n    }\n  }\n": types.InboxPageDocument,
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
export function graphql(source: "\n  mutation Logout {\n    logout\n  }\n"): (typeof documents)["\n  mutation Logout {\n    logout\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment SessionParts on Session {\n    accessToken\n    expiresAt\n    refreshToken\n    user {\n      id\n      username\n      displayName\n    }\n    device {\n      id\n      name\n    }\n  }\n"): (typeof documents)["\n  fragment SessionParts on Session {\n    accessToken\n    expiresAt\n    refreshToken\n    user {\n      id\n      username\n      displayName\n    }\n    device {\n      id\n      name\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment CallParts on Call {\n    id\n    status\n    direction\n    media\n    metadata\n    endReason\n    missed\n    caller {\n      id\n      username\n    }\n    callee {\n      id\n      username\n    }\n    endedBy {\n      id\n    }\n    callerDeviceId\n    calleeDeviceId\n    createdAt\n    ringExpiresAt\n    ringingAt\n    answeredAt\n    endedAt\n  }\n"): (typeof documents)["\n  fragment CallParts on Call {\n    id\n    status\n    direction\n    media\n    metadata\n    endReason\n    missed\n    caller {\n      id\n      username\n    }\n    callee {\n      id\n      username\n    }\n    endedBy {\n      id\n    }\n    callerDeviceId\n    calleeDeviceId\n    createdAt\n    ringExpiresAt\n    ringingAt\n    answeredAt\n    endedAt\n  }\n"];
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
export function graphql(source: "\n  mutation EndCall($id: ID!, $reason: EndReason, $detail: String) {\n    endCall(id: $id, reason: $reason, detail: $detail) {\n      ...CallParts\n    }\n  }\n"): (typeof documents)["\n  mutation EndCall($id: ID!, $reason: EndReason, $detail: String) {\n    endCall(id: $id, reason: $reason, detail: $detail) {\n      ...CallParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SendSignal($input: SendSignalInput!) {\n    sendSignal(input: $input) {\n      id\n      delivery\n      duplicate\n    }\n  }\n"): (typeof documents)["\n  mutation SendSignal($input: SendSignalInput!) {\n    sendSignal(input: $input) {\n      id\n      delivery\n      duplicate\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Call($id: ID!) {\n    call(id: $id) {\n      ...CallParts\n    }\n  }\n"): (typeof documents)["\n  query Call($id: ID!) {\n    call(id: $id) {\n      ...CallParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Timeline($id: ID!) {\n    call(id: $id) {\n      id\n      timeline {\n        at\n        kind\n        user {\n          id\n          username\n        }\n        deviceId\n        bytes\n        detail\n      }\n    }\n  }\n"): (typeof documents)["\n  query Timeline($id: ID!) {\n    call(id: $id) {\n      id\n      timeline {\n        at\n        kind\n        user {\n          id\n          username\n        }\n        deviceId\n        bytes\n        detail\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ActiveCalls {\n    activeCalls {\n      ...CallParts\n    }\n  }\n"): (typeof documents)["\n  query ActiveCalls {\n    activeCalls {\n      ...CallParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Calls($first: Int, $after: String, $filter: CallFilter) {\n    calls(first: $first, after: $after, filter: $filter) {\n      edges {\n        cursor\n        node {\n          ...CallParts\n        }\n      }\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n    }\n  }\n"): (typeof documents)["\n  query Calls($first: Int, $after: String, $filter: CallFilter) {\n    calls(first: $first, after: $after, filter: $filter) {\n      edges {\n        cursor\n        node {\n          ...CallParts\n        }\n      }\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment InboxEventParts on InboxEvent {\n    __typename\n    cursor\n    at\n    ... on Ready {\n      recovered\n      activeCalls {\n        ...CallParts\n      }\n    }\n    ... on CallChanged {\n      change\n      call {\n        ...CallParts\n      }\n    }\n    ... on SignalReceived {\n      callId\n      kind\n      payload\n      from {\n        id\n      }\n      fromDeviceId\n    }\n    ... on SessionExpiring {\n      expiresAt\n    }\n    ... on ServerDraining {\n      reconnectAfterMs\n    }\n  }\n"): (typeof documents)["\n  fragment InboxEventParts on InboxEvent {\n    __typename\n    cursor\n    at\n    ... on Ready {\n      recovered\n      activeCalls {\n        ...CallParts\n      }\n    }\n    ... on CallChanged {\n      change\n      call {\n        ...CallParts\n      }\n    }\n    ... on SignalReceived {\n      callId\n      kind\n      payload\n      from {\n        id\n      }\n      fromDeviceId\n    }\n    ... on SessionExpiring {\n      expiresAt\n    }\n    ... on ServerDraining {\n      reconnectAfterMs\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Inbox($after: ID) {\n    inbox(after: $after) {\n      ...InboxEventParts\n    }\n  }\n"): (typeof documents)["\n  subscription Inbox($after: ID) {\n    inbox(after: $after) {\n      ...InboxEventParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query InboxPage($after: ID, $first: Int) {\n    inbox(after: $after, first: $first) {\n      events {\n        ...InboxEventParts\n      }\n      cursor\n      recovered\n      hasMore\n    }\n  }\n"): (typeof documents)["\n  query InboxPage($after: ID, $first: Int) {\n    inbox(after: $after, first: $first) {\n      events {\n        ...InboxEventParts\n      }\n      cursor\n      recovered\n      hasMore\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;