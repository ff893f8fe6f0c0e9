import { randomUUID } from 'node:crypto';
import type { Stage } from './access-stage.js';

const password = 'correct horse';
const wrong = 'wrong horse battery';
/** A cursor of a history that everything is behind. */
const newest = Buffer.from(`9999999999999.${randomUUID()}`).toString('base64url');

type Ask = (stage: Stage) => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>;

/** Behind these the people are not who they were: each has its own. */
export const spoiling: ReadonlySet<string> = new Set([
  'login(input:)',
  'refreshSession(refreshToken:)',
  'logout',
  'changePassword(current:, next:)',
  'revokeDevice(id:)',
  'deleteAccount(password:)',
  'blockUser(id:)',
  'unblockUser(id:)',
  'createCall(input:)',
  'endCall(id:, reason:, detail:)',
]);

/** What each operation of docs/access.md is asked with: by one who knows all that the parties of the call know. */
export const asks: Readonly<Record<string, Ask>> = {
  me: () => ({}),
  'user(id:)': ({ other }) => ({ id: other.userId }),
  'user(id:) of nobody': () => ({ id: randomUUID() }),
  'user(username:)': ({ other }) => ({ username: other.session.user.username }),
  'users(search:, first:)': ({ other }) => ({ search: other.session.user.username, first: 5 }),
  'call(id:)': ({ callId }) => ({ id: callId }),
  activeCalls: () => ({}),
  'calls(first:, after:, filter:)': ({ other }) => ({
    first: 5,
    after: newest,
    filter: { with: other.userId, missed: false, direction: null, endReason: null },
  }),
  'inbox(after:, first:)': ({ cursor }) => ({ after: cursor, first: 100 }),
  'inbox(after:) with a cursor of the other party': ({ othersCursor }) => ({ after: othersCursor }),
  missedCallCount: () => ({}),
  blockedUsers: () => ({}),
  devices: () => ({}),
  iceServers: () => ({}),
  'register(input:)': () => ({
    input: { username: `new-${randomUUID().slice(0, 8)}`, password, displayName: 'Somebody new', deviceName: 'phone' },
  }),
  'login(input:)': ({ device }) => ({ input: { username: device.session.user.username, password, deviceName: 'laptop' } }),
  'login(input:) with a wrong password': ({ device }) => ({ input: { username: device.session.user.username, password: wrong } }),
  'refreshSession(refreshToken:)': ({ device }) => ({ refreshToken: device.session.refreshToken }),
  logout: () => ({}),
  'changePassword(current:, next:)': () => ({ current: password, next: 'another horse' }),
  'changePassword(current:, next:) with a wrong password': () => ({ current: wrong, next: 'another horse' }),
  'revokeDevice(id:)': async ({ device }) => ({ id: (await device.another('watch')).id }),
  "revokeDevice(id:) of the other party's device": ({ other }) => ({ id: other.id }),
  'updateProfile(displayName:)': () => ({ displayName: 'Another name' }),
  'deleteAccount(password:)': () => ({ password }),
  'deleteAccount(password:) with a wrong password': () => ({ password: wrong }),
  'blockUser(id:)': ({ other }) => ({ id: other.userId }),
  'unblockUser(id:)': ({ other }) => ({ id: other.userId }),
  'createCall(input:)': ({ other }) => ({
    input: { calleeId: other.userId, media: 'AUDIO', metadata: 'of a second call', ringSeconds: 30, key: 'second' },
  }),
  'acceptCall(id:)': ({ callId }) => ({ id: callId }),
  'endCall(id:, reason:, detail:)': ({ callId }) => ({ id: callId, reason: 'MEDIA_FAILED', detail: 'no way through' }),
  'sendSignal(input:)': ({ callId }) => ({ input: { callId, kind: 'CUSTOM', payload: 'a signal', key: 'first' } }),
  'markCallsSeen(upTo:)': ({ callId }) => ({ upTo: callId }),
  'subscription inbox(after:)': ({ cursor }) => ({ after: cursor }),
  'subscription presence(userIds:)': ({ other }) => ({ userIds: [other.userId] }),
};
