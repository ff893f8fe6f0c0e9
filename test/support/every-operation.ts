import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { root } from './build.js';
import type { Device } from './device.js';

/** One operation with all that it needs to be carried out. */
export interface Asking {
  readonly name: string;
  readonly query: string;
  readonly variables: object;
}

const password = 'correct horse';

/** Every query and mutation that there is, as somebody who is in that call with somebody else may ask them; a new one without a line here throws. */
export function everyOperation(asker: Device, other: Device, callId: string): Asking[] {
  const { username } = asker.session.user;
  const fresh = `new-${randomUUID().slice(0, 8)}`;
  const asks: Readonly<Record<string, [text: string, variables?: object]>> = {
    me: ['{ me { id online } }'],
    user: ['query ($id: ID) { user(id: $id) { id } }', { id: other.userId }],
    users: ['query ($search: String!) { users(search: $search) { id } }', { search: 'user' }],
    call: ['query ($id: ID!) { call(id: $id) { id timeline { kind } } }', { id: callId }],
    activeCalls: ['{ activeCalls { id } }'],
    calls: ['{ calls { edges { cursor } } }'],
    inbox: ['{ inbox { cursor } }'],
    missedCallCount: ['{ missedCallCount }'],
    blockedUsers: ['{ blockedUsers { id } }'],
    devices: ['{ devices { id online } }'],
    iceServers: ['{ iceServers { expiresAt } }'],
    register: ['mutation ($input: RegisterInput!) { register(input: $input) { expiresAt } }', { input: { username: fresh, password } }],
    login: ['mutation ($input: LoginInput!) { login(input: $input) { expiresAt } }', { input: { username, password } }],
    refreshSession: [
      'mutation ($token: String!) { refreshSession(refreshToken: $token) { expiresAt } }',
      { token: asker.session.refreshToken },
    ],
    logout: ['mutation { logout }'],
    changePassword: ['mutation ($p: String!) { changePassword(current: $p, next: $p) { expiresAt } }', { p: password }],
    revokeDevice: ['mutation ($id: ID!) { revokeDevice(id: $id) }', { id: other.id }],
    updateProfile: ['mutation { updateProfile(displayName: "somebody") { id } }'],
    deleteAccount: ['mutation ($p: String!) { deleteAccount(password: $p) }', { p: password }],
    blockUser: ['mutation ($id: ID!) { blockUser(id: $id) { id } }', { id: other.userId }],
    unblockUser: ['mutation ($id: ID!) { unblockUser(id: $id) { id } }', { id: other.userId }],
    createCall: ['mutation ($input: CreateCallInput!) { createCall(input: $input) { id } }', { input: { calleeId: other.userId } }],
    acceptCall: ['mutation ($id: ID!) { acceptCall(id: $id) { id } }', { id: callId }],
    endCall: ['mutation ($id: ID!) { endCall(id: $id) { id } }', { id: callId }],
    sendSignal: [
      'mutation ($input: SendSignalInput!) { sendSignal(input: $input) { id } }',
      { input: { callId, kind: 'CUSTOM', payload: 'a payload' } },
    ],
    markCallsSeen: ['mutation ($id: ID!) { markCallsSeen(upTo: $id) }', { id: callId }],
  };
  return rootFields().map((name) => {
    const ask = asks[name];
    if (ask === undefined) throw new Error(`Nobody has said here how ${name} is asked.`);
    return { name, query: ask[0], variables: ask[1] ?? {} };
  });
}

function rootFields(): string[] {
  const schema = buildSchema(readFileSync(join(root, 'schema/schema.graphql'), 'utf8'));
  return [schema.getQueryType(), schema.getMutationType()].flatMap((type) => Object.keys(type?.getFields() ?? {}));
}
