import { graphql } from './gql/gql.js';

/** The operations of a client that makes calls, each typed from the schema. */

export const registerOperation = graphql(`
  mutation Register($input: RegisterInput!) {
    register(input: $input) {
      ...SessionParts
    }
  }
`);

export const loginOperation = graphql(`
  mutation Login($input: LoginInput!) {
    login(input: $input) {
      ...SessionParts
    }
  }
`);

export const refreshSessionOperation = graphql(`
  mutation RefreshSession($refreshToken: String!) {
    refreshSession(refreshToken: $refreshToken) {
      ...SessionParts
    }
  }
`);

export const logoutOperation = graphql(`
  mutation Logout {
    logout
  }
`);

export const sessionParts = graphql(`
  fragment SessionParts on Session {
    accessToken
    expiresAt
    refreshToken
    user {
      id
      username
      displayName
    }
    device {
      id
      name
    }
  }
`);

export const callParts = graphql(`
  fragment CallParts on Call {
    id
    status
    direction
    media
    metadata
    endReason
    missed
    caller {
      id
      username
    }
    callee {
      id
      username
    }
    endedBy {
      id
    }
    callerDeviceId
    calleeDeviceId
    createdAt
    ringExpiresAt
    ringingAt
    answeredAt
    endedAt
  }
`);

export const createCallOperation = graphql(`
  mutation CreateCall($input: CreateCallInput!) {
    createCall(input: $input) {
      ...CallParts
    }
  }
`);

export const acceptCallOperation = graphql(`
  mutation AcceptCall($id: ID!) {
    acceptCall(id: $id) {
      ...CallParts
    }
  }
`);

export const endCallOperation = graphql(`
  mutation EndCall($id: ID!, $reason: EndReason, $detail: String) {
    endCall(id: $id, reason: $reason, detail: $detail) {
      ...CallParts
    }
  }
`);

export const sendSignalOperation = graphql(`
  mutation SendSignal($input: SendSignalInput!) {
    sendSignal(input: $input) {
      id
      delivery
      duplicate
    }
  }
`);

export const callOperation = graphql(`
  query Call($id: ID!) {
    call(id: $id) {
      ...CallParts
    }
  }
`);

export const timelineOperation = graphql(`
  query Timeline($id: ID!) {
    call(id: $id) {
      id
      timeline {
        at
        kind
        user {
          id
          username
        }
        deviceId
        bytes
        detail
      }
    }
  }
`);

export const activeCallsOperation = graphql(`
  query ActiveCalls {
    activeCalls {
      ...CallParts
    }
  }
`);

export const callsOperation = graphql(`
  query Calls($first: Int, $after: String, $filter: CallFilter) {
    calls(first: $first, after: $after, filter: $filter) {
      edges {
        cursor
        node {
          ...CallParts
        }
      }
      pageInfo {
        endCursor
        hasNextPage
      }
    }
  }
`);

export const inboxEventParts = graphql(`
  fragment InboxEventParts on InboxEvent {
    __typename
    cursor
    at
    ... on Ready {
      recovered
      activeCalls {
        ...CallParts
      }
    }
    ... on CallChanged {
      change
      call {
        ...CallParts
      }
    }
    ... on SignalReceived {
      callId
      kind
      payload
      from {
        id
      }
      fromDeviceId
    }
    ... on SessionExpiring {
      expiresAt
    }
    ... on ServerDraining {
      reconnectAfterMs
    }
  }
`);

export const inboxSubscription = graphql(`
  subscription Inbox($after: ID) {
    inbox(after: $after) {
      ...InboxEventParts
    }
  }
`);

export const inboxPageOperation = graphql(`
  query InboxPage($after: ID, $first: Int) {
    inbox(after: $after, first: $first) {
      events {
        ...InboxEventParts
      }
      cursor
      recovered
      hasMore
    }
  }
`);
