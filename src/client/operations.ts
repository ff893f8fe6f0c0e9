/**
 * The operations of operations.graphql: each the text that is sent, typed from the schema.
 *
 * @example
 * ```ts
 * const { devices } = await phone.request(operations.devicesOperation, {});
 * const { missedCallCount } = await phone.request(operations.missedCallCountOperation, {});
 * ```
 */
export {
  RegisterDocument as registerOperation,
  IceServersDocument as iceServersOperation,
  LoginDocument as loginOperation,
  RefreshSessionDocument as refreshSessionOperation,
  LogoutDocument as logoutOperation,
  SessionPartsFragmentDoc as sessionParts,
  CallPartsFragmentDoc as callParts,
  CreateCallDocument as createCallOperation,
  AcceptCallDocument as acceptCallOperation,
  EndCallDocument as endCallOperation,
  SendSignalDocument as sendSignalOperation,
  CallDocument as callOperation,
  TimelineDocument as timelineOperation,
  ActiveCallsDocument as activeCallsOperation,
  CallsDocument as callsOperation,
  InboxEventPartsFragmentDoc as inboxEventParts,
  InboxDocument as inboxSubscription,
  InboxPageDocument as inboxPageOperation,
  FindUserDocument as findUserOperation,
  SearchUsersDocument as searchUsersOperation,
  PresenceDocument as presenceSubscription,
  DevicesDocument as devicesOperation,
  MissedCallCountDocument as missedCallCountOperation,
  MarkCallsSeenDocument as markCallsSeenOperation,
  BlockUserDocument as blockUserOperation,
  UnblockUserDocument as unblockUserOperation,
  RevokeDeviceDocument as revokeDeviceOperation,
  DeleteAccountDocument as deleteAccountOperation,
  BlockedUsersDocument as blockedUsersOperation,
} from './gql/graphql.js';
