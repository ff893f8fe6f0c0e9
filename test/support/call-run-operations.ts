// What the stories ask, as narrow as the model's answers: two thousand stories cost what their fields cost.

export interface CallShown {
  readonly id: string;
  readonly direction: string;
  readonly status: string;
  readonly endReason: string | null;
  readonly endedBy: { id: string } | null;
  readonly callerDeviceId: string;
  readonly calleeDeviceId: string | null;
  readonly missed: boolean;
}

export type EventShown = { readonly cursor: string } & (
  | { readonly __typename: 'Ready'; readonly recovered: boolean; readonly activeCalls: readonly { id: string }[] }
  | { readonly __typename: 'CallChanged'; readonly change: string; readonly call: { id: string; endReason: string | null } }
  | {
      readonly __typename: 'SignalReceived';
      readonly callId: string;
      readonly kind: string;
      readonly payload: string;
      readonly fromDeviceId: string;
    }
);

export interface PageShown {
  readonly events: readonly EventShown[];
  readonly cursor: string;
  readonly recovered: boolean;
  readonly hasMore: boolean;
}

/** How a user stands: in which call, and with which behind them. */
export interface Standing {
  readonly activeCalls: readonly CallShown[];
  readonly missedCallCount: number;
  readonly calls: { readonly edges: readonly { node: CallShown }[] };
}

const call = '{ id direction status endReason endedBy { id } callerDeviceId calleeDeviceId missed }';
const event = `{
  __typename cursor
  ... on Ready { recovered activeCalls { id } }
  ... on CallChanged { change call { id endReason } }
  ... on SignalReceived { callId kind payload fromDeviceId }
}`;
const page = `{ events ${event} cursor recovered hasMore }`;

export const subscription = `subscription ($after: ID) { inbox(after: $after) ${event} }`;
export const pageQuery = `query ($after: ID) { inbox(after: $after) ${page} }`;
export const standingQuery = `query ($first: Int!) { activeCalls ${call} missedCallCount calls(first: $first) { edges { node ${call} } } }`;

export const mutations = {
  create: `mutation ($input: CreateCallInput!) { call: createCall(input: $input) ${call} }`,
  accept: `mutation ($id: ID!) { call: acceptCall(id: $id) ${call} }`,
  end: `mutation ($id: ID!, $reason: EndReason) { call: endCall(id: $id, reason: $reason) ${call} }`,
  send: 'mutation ($input: SendSignalInput!) { receipt: sendSignal(input: $input) { delivery duplicate } }',
  seen: 'mutation ($id: ID!) { missed: markCallsSeen(upTo: $id) }',
  block: 'mutation ($id: ID!) { user: blockUser(id: $id) { id } }',
  unblock: 'mutation ($id: ID!) { user: unblockUser(id: $id) { id } }',
} as const;
