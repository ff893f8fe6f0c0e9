/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** What happened to a call then; act on the status that it has now. */
export type CallChange =
  /** It was accepted: by this device, or by the other party. */
  | 'ANSWERED'
  /** Another device of the viewer accepted it. */
  | 'ANSWERED_ELSEWHERE'
  /** It was placed. */
  | 'CREATED'
  /** It is over; endReason says why. */
  | 'ENDED'
  /** The first device of the callee has received it. */
  | 'RINGING';

/** A call as the viewer sees it. */
export type CallDirection =
  /** The viewer is the callee, and the polite side of a negotiation. */
  | 'INCOMING'
  /** The viewer is the caller. */
  | 'OUTGOING';

/** Which calls of the history; what is left out does not narrow it. */
export type CallFilter = {
  /** Incoming or outgoing ones. */
  direction?: CallDirection | null | undefined;
  /** Those that ended like this. */
  endReason?: EndReason | null | undefined;
  /** Missed ones, or all others. */
  missed?: boolean | null | undefined;
  /** Those with this user. */
  with?: string | null | undefined;
};

/** What the caller means to send; a hint for the ringing screen. */
export type CallMedia =
  /** Sound. */
  | 'AUDIO'
  /** A data channel alone. */
  | 'DATA'
  /** Picture and sound. */
  | 'VIDEO';

/** Where a call is in its life. */
export type CallStatus =
  /** Answered. */
  | 'ACTIVE'
  /** Stored; no device of the callee has it yet. */
  | 'CREATED'
  /** Over; endReason says why. */
  | 'ENDED'
  /** At least one device of the callee has received it. */
  | 'RINGING';

/** What happened in a call. */
export type CallTimelineKind =
  /** An SDP answer was passed on. */
  | 'ANSWER'
  /** A device of the callee accepted. */
  | 'ANSWERED'
  /** The call was placed. */
  | 'CREATED'
  /** A signal of the clients' own was passed on. */
  | 'CUSTOM'
  /** The call ended. */
  | 'ENDED'
  /** Candidates were passed on, or their end. */
  | 'ICE_CANDIDATE'
  /** An SDP offer was passed on. */
  | 'OFFER'
  /** The first device of the callee received it. */
  | 'RINGING'
  /** A device of the call lost its connection to the server. */
  | 'SIGNALING_DOWN'
  /** A device of the call is back. */
  | 'SIGNALING_UP';

/** A call to place. */
export type CreateCallInput = {
  /** The user to call. */
  calleeId: string;
  /** The same key from the same user returns the same call, for 24 hours. */
  key?: string | null | undefined;
  /** What the caller means to send. */
  media?: CallMedia | null | undefined;
  /** At most 1 KiB, opaque to the server. */
  metadata?: string | null | undefined;
  /** 5 to 180. */
  ringSeconds?: number | null | undefined;
};

/** Why a call ended. Clients may give HUNG_UP, CANCELLED, DECLINED, BUSY and MEDIA_FAILED; the server gives the rest. */
export type EndReason =
  /** The callee is in another call, or says so. */
  | 'BUSY'
  /** The caller gave up before an answer. */
  | 'CANCELLED'
  /** The callee declined. */
  | 'DECLINED'
  /** One of the two hung up after the answer. */
  | 'HUNG_UP'
  /** No media could be established between the peers. */
  | 'MEDIA_FAILED'
  /** By the server: it rang out. */
  | 'NO_ANSWER'
  /** By the server: a device of the call was away for too long. */
  | 'SIGNALING_LOST'
  /** By the server: a device revoked, an account deleted, an operator. */
  | 'TERMINATED';

/** Who signs a device in. */
export type LoginInput = {
  /** 1 to 64 characters, for the list of devices. */
  deviceName?: string | null | undefined;
  /** The password. */
  password: string;
  /** The username, in any case. */
  username: string;
};

/** A new account and its first device. */
export type RegisterInput = {
  /** 1 to 64 characters, for the list of devices. */
  deviceName?: string | null | undefined;
  /** 1 to 64 characters; the username where it is left out. */
  displayName?: string | null | undefined;
  /** At least 8 characters and at most 72 bytes in UTF-8. */
  password: string;
  /** 3 to 32 letters, digits, or any of _ . -, unique without regard to case. */
  username: string;
};

/** One opaque payload for the other party. */
export type SendSignalInput = {
  /** The call it belongs to. */
  callId: string;
  /** The same key from the same device in the same call is delivered once. */
  key?: string | null | undefined;
  /** What it is. */
  kind: SignalKind;
  /** At most 32 KiB; arrives byte for byte as it was sent. An ICE_CANDIDATE with an empty payload marks the end of candidates. */
  payload: string;
};

/** Whether the recipient was there. It says nothing of arrival; the cursor does. */
export type SignalDelivery =
  /** A device of the recipient was subscribed when the signal became durable. */
  | 'LIVE'
  /** Durable, waiting for the recipient. */
  | 'STORED';

/** What a signal is, by the names of WebRTC. */
export type SignalKind =
  /** An SDP answer. From a ringing device of the callee it accepts the call. */
  | 'ANSWER'
  /** Anything of the clients' own. */
  | 'CUSTOM'
  /** One RTCIceCandidateInit or an array of them, as JSON; empty at the end of candidates. */
  | 'ICE_CANDIDATE'
  /** An SDP offer; the first one comes after createCall, later ones renegotiate. */
  | 'OFFER';

export type RegisterMutationVariables = Exact<{
  input: RegisterInput;
}>;


export type RegisterMutation = { register: { accessToken: string, expiresAt: string, refreshToken: string, user: { id: string, username: string, displayName: string }, device: { id: string, name: string } } };

export type LoginMutationVariables = Exact<{
  input: LoginInput;
}>;


export type LoginMutation = { login: { accessToken: string, expiresAt: string, refreshToken: string, user: { id: string, username: string, displayName: string }, device: { id: string, name: string } } };

export type RefreshSessionMutationVariables = Exact<{
  refreshToken: string;
}>;


export type RefreshSessionMutation = { refreshSession: { accessToken: string, expiresAt: string, refreshToken: string, user: { id: string, username: string, displayName: string }, device: { id: string, name: string } } };

export type LogoutMutationVariables = Exact<{ [key: string]: never; }>;


export type LogoutMutation = { logout: boolean };

export type SessionPartsFragment = { accessToken: string, expiresAt: string, refreshToken: string, user: { id: string, username: string, displayName: string }, device: { id: string, name: string } };

export type CallPartsFragment = { id: string, status: CallStatus, direction: CallDirection, media: CallMedia, metadata: string | null, endReason: EndReason | null, missed: boolean, callerDeviceId: string, calleeDeviceId: string | null, createdAt: string, ringExpiresAt: string, ringingAt: string | null, answeredAt: string | null, endedAt: string | null, caller: { id: string, username: string, displayName: string }, callee: { id: string, username: string, displayName: string }, endedBy: { id: string } | null };

export type CreateCallMutationVariables = Exact<{
  input: CreateCallInput;
}>;


export type CreateCallMutation = { createCall: { id: string, status: CallStatus, direction: CallDirection, media: CallMedia, metadata: string | null, endReason: EndReason | null, missed: boolean, callerDeviceId: string, calleeDeviceId: string | null, createdAt: string, ringExpiresAt: string, ringingAt: string | null, answeredAt: string | null, endedAt: string | null, caller: { id: string, username: string, displayName: string }, callee: { id: string, username: string, displayName: string }, endedBy: { id: string } | null } };

export type AcceptCallMutationVariables = Exact<{
  id: string;
}>;


export type AcceptCallMutation = { acceptCall: { id: string, status: CallStatus, direction: CallDirection, media: CallMedia, metadata: string | null, endReason: EndReason | null, missed: boolean, callerDeviceId: string, calleeDeviceId: string | null, createdAt: string, ringExpiresAt: string, ringingAt: string | null, answeredAt: string | null, endedAt: string | null, caller: { id: string, username: string, displayName: string }, callee: { id: string, username: string, displayName: string }, endedBy: { id: string } | null } };

export type EndCallMutationVariables = Exact<{
  id: string;
  reason?: EndReason | null | undefined;
  detail?: string | null | undefined;
}>;


export type EndCallMutation = { endCall: { id: string, status: CallStatus, direction: CallDirection, media: CallMedia, metadata: string | null, endReason: EndReason | null, missed: boolean, callerDeviceId: string, calleeDeviceId: string | null, createdAt: string, ringExpiresAt: string, ringingAt: string | null, answeredAt: string | null, endedAt: string | null, caller: { id: string, username: string, displayName: string }, callee: { id: string, username: string, displayName: string }, endedBy: { id: string } | null } };

export type SendSignalMutationVariables = Exact<{
  input: SendSignalInput;
}>;


export type SendSignalMutation = { sendSignal: { id: string, delivery: SignalDelivery, duplicate: boolean } };

export type CallQueryVariables = Exact<{
  id: string;
}>;


export type CallQuery = { call: { id: string, status: CallStatus, direction: CallDirection, media: CallMedia, metadata: string | null, endReason: EndReason | null, missed: boolean, callerDeviceId: string, calleeDeviceId: string | null, createdAt: string, ringExpiresAt: string, ringingAt: string | null, answeredAt: string | null, endedAt: string | null, caller: { id: string, username: string, displayName: string }, callee: { id: string, username: string, displayName: string }, endedBy: { id: string } | null } | null };

export type TimelineQueryVariables = Exact<{
  id: string;
}>;


export type TimelineQuery = { call: { id: string, timeline: Array<{ at: string, kind: CallTimelineKind, deviceId: string | null, bytes: number | null, detail: string | null, user: { id: string, username: string } | null }> } | null };

export type ActiveCallsQueryVariables = Exact<{ [key: string]: never; }>;


export type ActiveCallsQuery = { activeCalls: Array<{ id: string, status: CallStatus, direction: CallDirection, media: CallMedia, metadata: string | null, endReason: EndReason | null, missed: boolean, callerDeviceId: string, calleeDeviceId: string | null, createdAt: string, ringExpiresAt: string, ringingAt: string | null, answeredAt: string | null, endedAt: string | null, caller: { id: string, username: string, displayName: string }, callee: { id: string, username: string, displayName: string }, endedBy: { id: string } | null }> };

export type CallsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: CallFilter | null | undefined;
}>;


export type CallsQuery = { calls: { edges: Array<{ cursor: string, node: { id: string, status: CallStatus, direction: CallDirection, media: CallMedia, metadata: string | null, endReason: EndReason | null, missed: boolean, callerDeviceId: string, calleeDeviceId: string | null, createdAt: string, ringExpiresAt: string, ringingAt: string | null, answeredAt: string | null, endedAt: string | null, caller: { id: string, username: string, displayName: string }, callee: { id: string, username: string, displayName: string }, endedBy: { id: string } | null } }>, pageInfo: { endCursor: string | null, hasNextPage: boolean } } };

type InboxEventParts_CallChanged_Fragment = { __typename: 'CallChanged', change: CallChange, cursor: string, at: string, call: { id: string, status: CallStatus, direction: CallDirection, media: CallMedia, metadata: string | null, endReason: EndReason | null, missed: boolean, callerDeviceId: string, calleeDeviceId: string | null, createdAt: string, ringExpiresAt: string, ringingAt: string | null, answeredAt: string | null, endedAt: string | null, caller: { id: string, username: string, displayName: string }, callee: { id: string, username: string, displayName: string }, endedBy: { id: string } | null } };

type InboxEventParts_Ready_Fragment = { __typename: 'Ready', recovered: boolean, cursor: string, at: string, activeCalls: Array<{ id: string, status: CallStatus, direction: CallDirection, media: CallMedia, metadata: string | null, endReason: EndReason | null, missed: boolean, callerDeviceId: string, calleeDeviceId: string | null, createdAt: string, ringExpiresAt: string, ringingAt: string | null, answeredAt: string | null, endedAt: string | null, caller: { id: string, username: string, displayName: string }, callee: { id: string, username: string, displayName: string }, endedBy: { id: string } | null }> };

type InboxEventParts_ServerDraining_Fragment = { __typename: 'ServerDraining', reconnectAfterMs: number, cursor: string, at: string };

type InboxEventParts_SessionExpiring_Fragment = { __typename: 'SessionExpiring', expiresAt: string, cursor: string, at: string };

type InboxEventParts_SignalReceived_Fragment = { __typename: 'SignalReceived', callId: string, kind: SignalKind, payload: string, fromDeviceId: string, cursor: string, at: string, from: { id: string } };

export type InboxEventPartsFragment =
  | InboxEventParts_CallChanged_Fragment
  | InboxEventParts_Ready_Fragment
  | InboxEventParts_ServerDraining_Fragment
  | InboxEventParts_SessionExpiring_Fragment
  | InboxEventParts_SignalReceived_Fragment
;

export type InboxSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type InboxSubscription = { inbox:
    | { __typename: 'CallChanged', change: CallChange, cursor: string, at: string, call: { id: string, status: CallStatus, direction: CallDirection, media: CallMedia, metadata: string | null, endReason: EndReason | null, missed: boolean, callerDeviceId: string, calleeDeviceId: string | null, createdAt: string, ringExpiresAt: string, ringingAt: string | null, answeredAt: string | null, endedAt: string | null, caller: { id: string, username: string, displayName: string }, callee: { id: string, username: string, displayName: string }, endedBy: { id: string } | null } }
    | { __typename: 'Ready', recovered: boolean, cursor: string, at: string, activeCalls: Array<{ id: string, status: CallStatus, direction: CallDirection, media: CallMedia, metadata: string | null, endReason: EndReason | null, missed: boolean, callerDeviceId: string, calleeDeviceId: string | null, createdAt: string, ringExpiresAt: string, ringingAt: string | null, answeredAt: string | null, endedAt: string | null, caller: { id: string, username: string, displayName: string }, callee: { id: string, username: string, displayName: string }, endedBy: { id: string } | null }> }
    | { __typename: 'ServerDraining', reconnectAfterMs: number, cursor: string, at: string }
    | { __typename: 'SessionExpiring', expiresAt: string, cursor: string, at: string }
    | { __typename: 'SignalReceived', callId: string, kind: SignalKind, payload: string, fromDeviceId: string, cursor: string, at: string, from: { id: string } }
   };

export type InboxPageQueryVariables = Exact<{
  after?: string | null | undefined;
  first?: number | null | undefined;
}>;


export type InboxPageQuery = { inbox: { cursor: string, recovered: boolean, hasMore: boolean, events: Array<
      | { __typename: 'CallChanged', change: CallChange, cursor: string, at: string, call: { id: string, status: CallStatus, direction: CallDirection, media: CallMedia, metadata: string | null, endReason: EndReason | null, missed: boolean, callerDeviceId: string, calleeDeviceId: string | null, createdAt: string, ringExpiresAt: string, ringingAt: string | null, answeredAt: string | null, endedAt: string | null, caller: { id: string, username: string, displayName: string }, callee: { id: string, username: string, displayName: string }, endedBy: { id: string } | null } }
      | { __typename: 'Ready', recovered: boolean, cursor: string, at: string, activeCalls: Array<{ id: string, status: CallStatus, direction: CallDirection, media: CallMedia, metadata: string | null, endReason: EndReason | null, missed: boolean, callerDeviceId: string, calleeDeviceId: string | null, createdAt: string, ringExpiresAt: string, ringingAt: string | null, answeredAt: string | null, endedAt: string | null, caller: { id: string, username: string, displayName: string }, callee: { id: string, username: string, displayName: string }, endedBy: { id: string } | null }> }
      | { __typename: 'ServerDraining', reconnectAfterMs: number, cursor: string, at: string }
      | { __typename: 'SessionExpiring', expiresAt: string, cursor: string, at: string }
      | { __typename: 'SignalReceived', callId: string, kind: SignalKind, payload: string, fromDeviceId: string, cursor: string, at: string, from: { id: string } }
    > } };

export type FindUserQueryVariables = Exact<{
  id?: string | null | undefined;
  username?: string | null | undefined;
}>;


export type FindUserQuery = { user: { id: string, username: string, displayName: string, online: boolean, blocked: boolean } | null };

export type SearchUsersQueryVariables = Exact<{
  search: string;
  first?: number | null | undefined;
}>;


export type SearchUsersQuery = { users: Array<{ id: string, username: string, displayName: string, online: boolean, blocked: boolean }> };

export type UserPartsFragment = { id: string, username: string, displayName: string, online: boolean, blocked: boolean };

export type PresenceSubscriptionVariables = Exact<{
  userIds: Array<string> | string;
}>;


export type PresenceSubscription = { presence: { id: string, online: boolean } };

export type DevicesQueryVariables = Exact<{ [key: string]: never; }>;


export type DevicesQuery = { devices: Array<{ id: string, name: string, current: boolean, online: boolean, createdAt: string, lastSeenAt: string }> };

export type MissedCallCountQueryVariables = Exact<{ [key: string]: never; }>;


export type MissedCallCountQuery = { missedCallCount: number };

export type MarkCallsSeenMutationVariables = Exact<{
  upTo: string;
}>;


export type MarkCallsSeenMutation = { markCallsSeen: number };

export type BlockUserMutationVariables = Exact<{
  id: string;
}>;


export type BlockUserMutation = { blockUser: { id: string, username: string, displayName: string, online: boolean, blocked: boolean } };

export type UnblockUserMutationVariables = Exact<{
  id: string;
}>;


export type UnblockUserMutation = { unblockUser: { id: string, username: string, displayName: string, online: boolean, blocked: boolean } };

export type IceServersQueryVariables = Exact<{ [key: string]: never; }>;


export type IceServersQuery = { iceServers: { expiresAt: string | null, servers: Array<{ urls: Array<string>, username: string | null, credential: string | null }> } };

export type RevokeDeviceMutationVariables = Exact<{
  id: string;
}>;


export type RevokeDeviceMutation = { revokeDevice: boolean };

export type DeleteAccountMutationVariables = Exact<{
  password: string;
}>;


export type DeleteAccountMutation = { deleteAccount: boolean };

export type BlockedUsersQueryVariables = Exact<{ [key: string]: never; }>;


export type BlockedUsersQuery = { blockedUsers: Array<{ id: string, username: string, displayName: string, online: boolean, blocked: boolean }> };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const SessionPartsFragmentDoc = new TypedDocumentString(`
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
    `, {"fragmentName":"SessionParts"}) as unknown as TypedDocumentString<SessionPartsFragment, unknown>;
export const CallPartsFragmentDoc = new TypedDocumentString(`
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
    displayName
  }
  callee {
    id
    username
    displayName
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
    `, {"fragmentName":"CallParts"}) as unknown as TypedDocumentString<CallPartsFragment, unknown>;
export const InboxEventPartsFragmentDoc = new TypedDocumentString(`
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
    displayName
  }
  callee {
    id
    username
    displayName
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
}`, {"fragmentName":"InboxEventParts"}) as unknown as TypedDocumentString<InboxEventPartsFragment, unknown>;
export const UserPartsFragmentDoc = new TypedDocumentString(`
    fragment UserParts on User {
  id
  username
  displayName
  online
  blocked
}
    `, {"fragmentName":"UserParts"}) as unknown as TypedDocumentString<UserPartsFragment, unknown>;
export const RegisterDocument = new TypedDocumentString(`
    mutation Register($input: RegisterInput!) {
  register(input: $input) {
    ...SessionParts
  }
}
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
}`) as unknown as TypedDocumentString<RegisterMutation, RegisterMutationVariables>;
export const LoginDocument = new TypedDocumentString(`
    mutation Login($input: LoginInput!) {
  login(input: $input) {
    ...SessionParts
  }
}
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
}`) as unknown as TypedDocumentString<LoginMutation, LoginMutationVariables>;
export const RefreshSessionDocument = new TypedDocumentString(`
    mutation RefreshSession($refreshToken: String!) {
  refreshSession(refreshToken: $refreshToken) {
    ...SessionParts
  }
}
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
}`) as unknown as TypedDocumentString<RefreshSessionMutation, RefreshSessionMutationVariables>;
export const LogoutDocument = new TypedDocumentString(`
    mutation Logout {
  logout
}
    `) as unknown as TypedDocumentString<LogoutMutation, LogoutMutationVariables>;
export const CreateCallDocument = new TypedDocumentString(`
    mutation CreateCall($input: CreateCallInput!) {
  createCall(input: $input) {
    ...CallParts
  }
}
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
    displayName
  }
  callee {
    id
    username
    displayName
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
}`) as unknown as TypedDocumentString<CreateCallMutation, CreateCallMutationVariables>;
export const AcceptCallDocument = new TypedDocumentString(`
    mutation AcceptCall($id: ID!) {
  acceptCall(id: $id) {
    ...CallParts
  }
}
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
    displayName
  }
  callee {
    id
    username
    displayName
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
}`) as unknown as TypedDocumentString<AcceptCallMutation, AcceptCallMutationVariables>;
export const EndCallDocument = new TypedDocumentString(`
    mutation EndCall($id: ID!, $reason: EndReason, $detail: String) {
  endCall(id: $id, reason: $reason, detail: $detail) {
    ...CallParts
  }
}
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
    displayName
  }
  callee {
    id
    username
    displayName
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
}`) as unknown as TypedDocumentString<EndCallMutation, EndCallMutationVariables>;
export const SendSignalDocument = new TypedDocumentString(`
    mutation SendSignal($input: SendSignalInput!) {
  sendSignal(input: $input) {
    id
    delivery
    duplicate
  }
}
    `) as unknown as TypedDocumentString<SendSignalMutation, SendSignalMutationVariables>;
export const CallDocument = new TypedDocumentString(`
    query Call($id: ID!) {
  call(id: $id) {
    ...CallParts
  }
}
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
    displayName
  }
  callee {
    id
    username
    displayName
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
}`) as unknown as TypedDocumentString<CallQuery, CallQueryVariables>;
export const TimelineDocument = new TypedDocumentString(`
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
    `) as unknown as TypedDocumentString<TimelineQuery, TimelineQueryVariables>;
export const ActiveCallsDocument = new TypedDocumentString(`
    query ActiveCalls {
  activeCalls {
    ...CallParts
  }
}
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
    displayName
  }
  callee {
    id
    username
    displayName
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
}`) as unknown as TypedDocumentString<ActiveCallsQuery, ActiveCallsQueryVariables>;
export const CallsDocument = new TypedDocumentString(`
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
    displayName
  }
  callee {
    id
    username
    displayName
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
}`) as unknown as TypedDocumentString<CallsQuery, CallsQueryVariables>;
export const InboxDocument = new TypedDocumentString(`
    subscription Inbox($after: ID) {
  inbox(after: $after) {
    ...InboxEventParts
  }
}
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
    displayName
  }
  callee {
    id
    username
    displayName
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
}`) as unknown as TypedDocumentString<InboxSubscription, InboxSubscriptionVariables>;
export const InboxPageDocument = new TypedDocumentString(`
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
    displayName
  }
  callee {
    id
    username
    displayName
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
}`) as unknown as TypedDocumentString<InboxPageQuery, InboxPageQueryVariables>;
export const FindUserDocument = new TypedDocumentString(`
    query FindUser($id: ID, $username: String) {
  user(id: $id, username: $username) {
    ...UserParts
  }
}
    fragment UserParts on User {
  id
  username
  displayName
  online
  blocked
}`) as unknown as TypedDocumentString<FindUserQuery, FindUserQueryVariables>;
export const SearchUsersDocument = new TypedDocumentString(`
    query SearchUsers($search: String!, $first: Int) {
  users(search: $search, first: $first) {
    ...UserParts
  }
}
    fragment UserParts on User {
  id
  username
  displayName
  online
  blocked
}`) as unknown as TypedDocumentString<SearchUsersQuery, SearchUsersQueryVariables>;
export const PresenceDocument = new TypedDocumentString(`
    subscription Presence($userIds: [ID!]!) {
  presence(userIds: $userIds) {
    id
    online
  }
}
    `) as unknown as TypedDocumentString<PresenceSubscription, PresenceSubscriptionVariables>;
export const DevicesDocument = new TypedDocumentString(`
    query Devices {
  devices {
    id
    name
    current
    online
    createdAt
    lastSeenAt
  }
}
    `) as unknown as TypedDocumentString<DevicesQuery, DevicesQueryVariables>;
export const MissedCallCountDocument = new TypedDocumentString(`
    query MissedCallCount {
  missedCallCount
}
    `) as unknown as TypedDocumentString<MissedCallCountQuery, MissedCallCountQueryVariables>;
export const MarkCallsSeenDocument = new TypedDocumentString(`
    mutation MarkCallsSeen($upTo: ID!) {
  markCallsSeen(upTo: $upTo)
}
    `) as unknown as TypedDocumentString<MarkCallsSeenMutation, MarkCallsSeenMutationVariables>;
export const BlockUserDocument = new TypedDocumentString(`
    mutation BlockUser($id: ID!) {
  blockUser(id: $id) {
    ...UserParts
  }
}
    fragment UserParts on User {
  id
  username
  displayName
  online
  blocked
}`) as unknown as TypedDocumentString<BlockUserMutation, BlockUserMutationVariables>;
export const UnblockUserDocument = new TypedDocumentString(`
    mutation UnblockUser($id: ID!) {
  unblockUser(id: $id) {
    ...UserParts
  }
}
    fragment UserParts on User {
  id
  username
  displayName
  online
  blocked
}`) as unknown as TypedDocumentString<UnblockUserMutation, UnblockUserMutationVariables>;
export const IceServersDocument = new TypedDocumentString(`
    query IceServers {
  iceServers {
    servers {
      urls
      username
      credential
    }
    expiresAt
  }
}
    `) as unknown as TypedDocumentString<IceServersQuery, IceServersQueryVariables>;
export const RevokeDeviceDocument = new TypedDocumentString(`
    mutation RevokeDevice($id: ID!) {
  revokeDevice(id: $id)
}
    `) as unknown as TypedDocumentString<RevokeDeviceMutation, RevokeDeviceMutationVariables>;
export const DeleteAccountDocument = new TypedDocumentString(`
    mutation DeleteAccount($password: String!) {
  deleteAccount(password: $password)
}
    `) as unknown as TypedDocumentString<DeleteAccountMutation, DeleteAccountMutationVariables>;
export const BlockedUsersDocument = new TypedDocumentString(`
    query BlockedUsers {
  blockedUsers {
    ...UserParts
  }
}
    fragment UserParts on User {
  id
  username
  displayName
  online
  blocked
}`) as unknown as TypedDocumentString<BlockedUsersQuery, BlockedUsersQueryVariables>;