import { setTimeout as delay } from 'node:timers/promises';

/** The few requests that come before the signals, over HTTP. */
export interface SwitchboardSession {
  readonly accessToken: string;
  readonly userId: string;
  readonly deviceId: string;
}

export interface HistoryPageRequest {
  readonly first: number;
  readonly after?: string | null;
  readonly filter?: { readonly missed?: boolean; readonly with?: string };
}

export interface SwitchboardClient {
  register(username: string): Promise<SwitchboardSession>;
  createCall(caller: SwitchboardSession, calleeId: string): Promise<string>;
  acceptCall(callee: SwitchboardSession, callId: string): Promise<void>;
  history(user: SwitchboardSession, request: HistoryPageRequest): Promise<{ calls: number; endCursor: string | null }>;
}

interface Fault {
  readonly extensions?: { readonly code?: string; readonly retryAfterMs?: number };
}

const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { accessToken user { id } device { id } } }';
const CREATE_CALL = 'mutation ($input: CreateCallInput!) { createCall(input: $input) { id } }';
const ACCEPT_CALL = 'mutation ($id: ID!) { acceptCall(id: $id) { id status } }';
const HISTORY = `query ($first: Int, $after: String, $filter: CallFilter) { calls(first: $first, after: $after, filter: $filter) {
  edges { node { id direction media status endReason missed caller { id username } callee { id username } createdAt answeredAt endedAt } }
  pageInfo { endCursor hasNextPage }
} }`;

export function createSwitchboardClient(httpUrl: string): SwitchboardClient {
  return {
    register: async (username) => {
      const { register } = await request<{ register: { accessToken: string; user: { id: string }; device: { id: string } } }>(
        httpUrl,
        REGISTER,
        { input: { username, password: `of the benchmark, ${username}` } },
      );
      return { accessToken: register.accessToken, userId: register.user.id, deviceId: register.device.id };
    },
    createCall: async (caller, calleeId) => {
      const { createCall } = await request<{ createCall: { id: string } }>(httpUrl, CREATE_CALL, { input: { calleeId } }, caller);
      return createCall.id;
    },
    acceptCall: async (callee, callId) => {
      await request(httpUrl, ACCEPT_CALL, { id: callId }, callee);
    },
    history: async (user, page) => {
      const { calls } = await request<{ calls: { edges: unknown[]; pageInfo: { endCursor: string | null } } }>(
        httpUrl,
        HISTORY,
        page,
        user,
      );
      return { calls: calls.edges.length, endCursor: calls.pageInfo.endCursor };
    },
  };
}

/** Waits where it is told to: on a machine that is full, a hundred sign-ups are too many at once. */
async function request<Data>(httpUrl: string, query: string, variables: object, session?: SwitchboardSession): Promise<Data> {
  for (;;) {
    const response = await fetch(`${httpUrl}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(session && { authorization: `Bearer ${session.accessToken}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    const { data, errors } = JSON.parse(text) as { data?: Data | null; errors?: readonly Fault[] };
    const fault = errors?.[0]?.extensions;
    if (fault?.code === 'TOO_BUSY') await delay(fault.retryAfterMs);
    else if (errors !== undefined || !data) throw new Error(`Switchboard answered ${response.status} ${text}`);
    else return data;
  }
}
