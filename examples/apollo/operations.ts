import { graphql } from './gql/gql.js';

// `npm run generate` types each operation from the schema: what is asked for is what there is, and what may be null says so.

export const sessionParts = graphql(`
  fragment SessionParts on Session {
    accessToken
    refreshToken
    user {
      id
      username
    }
    device {
      id
    }
  }
`);

export const register = graphql(`
  mutation Register($input: RegisterInput!) {
    register(input: $input) {
      ...SessionParts
    }
  }
`);

export const login = graphql(`
  mutation Login($input: LoginInput!) {
    login(input: $input) {
      ...SessionParts
    }
  }
`);

export const refreshSession = graphql(`
  mutation RefreshSession($refreshToken: String!) {
    refreshSession(refreshToken: $refreshToken) {
      ...SessionParts
    }
  }
`);

export const callParts = graphql(`
  fragment CallParts on Call {
    id
    status
    direction
    media
    endReason
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
    ringExpiresAt
  }
`);

export const createCall = graphql(`
  mutation CreateCall($input: CreateCallInput!) {
    createCall(input: $input) {
      ...CallParts
    }
  }
`);

export const acceptCall = graphql(`
  mutation AcceptCall($id: ID!) {
    acceptCall(id: $id) {
      ...CallParts
    }
  }
`);

export const endCall = graphql(`
  mutation EndCall($id: ID!, $reason: EndReason) {
    endCall(id: $id, reason: $reason) {
      ...CallParts
    }
  }
`);

export const sendSignal = graphql(`
  mutation SendSignal($input: SendSignalInput!) {
    sendSignal(input: $input) {
      id
      delivery
      duplicate
    }
  }
`);

export const call = graphql(`
  query Call($id: ID!) {
    call(id: $id) {
      ...CallParts
      timeline {
        at
        kind
      }
    }
  }
`);

/** `__typename` tells the events apart; one of a type that is not listed here comes with its cursor alone. */
export const inbox = graphql(`
  subscription Inbox($after: ID) {
    inbox(after: $after) {
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
      }
      ... on SessionExpiring {
        expiresAt
      }
      ... on ServerDraining {
        reconnectAfterMs
      }
    }
  }
`);
