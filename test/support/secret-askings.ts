import { randomUUID } from 'node:crypto';
import type { Asking } from './blunders.js';
import type { Canaries } from './canaries.js';

export interface Asker {
  readonly username: string;
  readonly password: string;
  /** A call that they are in. */
  readonly callId: string;
}

const session = '{ accessToken refreshToken device { id } }';
const login = `mutation ($input: LoginInput!) { login(input: $input) ${session} }`;
const sendSignal = 'mutation ($input: SendSignalInput!) { sendSignal(input: $input) { id delivery duplicate } }';

/** Every operation that takes a secret or answers with one, each with new ones. */
export function secretAskings({ username, password, callId }: Asker, canaries: Canaries): Asking[] {
  const secret = () => canaries.make('password');
  const payload = () => canaries.make('payload', 'while signals are');
  const signals: [kind: string, callId: string, payload: string][] = [
    ['OFFER', callId, `v=0\r\na=ice-pwd:${payload()}\r\na=candidate:1 1 udp 1 ${payload()} 9 typ host\r\n`],
    ['ICE_CANDIDATE', callId, JSON.stringify({ candidate: `candidate:1 1 udp 1 ${payload()} 9`, usernameFragment: payload() })],
    ['CUSTOM', callId, payload()],
    ['CUSTOM', randomUUID(), payload()],
  ];
  return [
    {
      name: 'register',
      query: `mutation ($input: RegisterInput!) { register(input: $input) ${session} }`,
      variables: { input: { username: `u${randomUUID().slice(0, 12)}`, password: secret() } },
    },
    { name: 'login', query: login, variables: { input: { username, password, deviceName: 'laptop' } } },
    { name: 'login of nobody', query: login, variables: { input: { username: 'nobodythere', password: secret() } } },
    {
      name: 'login with a wrong password',
      query: `mutation ($name: String!, $secret: String!) { login(input: { username: $name, password: $secret }) ${session} }`,
      variables: { name: username, secret: secret() },
    },
    {
      name: 'refreshSession',
      query: `mutation ($token: String!) { refreshSession(refreshToken: $token) ${session} }`,
      variables: { token: canaries.make('refresh_token') },
    },
    {
      name: 'changePassword',
      query: `mutation ($current: String!, $next: String!) { changePassword(current: $current, next: $next) ${session} }`,
      variables: { current: secret(), next: secret() },
    },
    {
      name: 'deleteAccount',
      query: 'mutation ($secret: String!) { deleteAccount(password: $secret) }',
      variables: { secret: secret() },
    },
    ...signals.map(([kind, call, text]) => ({
      name: `sendSignal of ${kind}`,
      query: sendSignal,
      variables: { input: { callId: call, kind, payload: text } },
    })),
    { name: 'iceServers', query: '{ iceServers { servers { urls username credential } expiresAt } }', variables: {} },
  ];
}
