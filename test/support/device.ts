import type { ResultOf } from '@graphql-typed-document-node/core';
import type {
  CallFilter,
  CallPartsFragment,
  CreateCallInput,
  EndReason,
  InboxEventPartsFragment,
  SessionPartsFragment,
  SignalKind,
} from '../../src/client/gql/graphql.js';
import {
  acceptCallOperation,
  activeCallsOperation,
  callOperation,
  callsOperation,
  createCallOperation,
  endCallOperation,
  inboxPageOperation,
  inboxSubscription,
  loginOperation,
  sendSignalOperation,
  timelineOperation,
} from '../../src/client/operations.js';
import { ApiError, post, run } from './api.js';
import { registered } from './registered.js';
import type { TestServer } from './server.js';
import { TestSocket } from './socket.js';
import { until } from './until.js';

type Event = InboxEventPartsFragment;
export type InboxEventOf<Type extends Event['__typename']> = Extract<Event, { __typename: Type }>;
export type SignalEvent = InboxEventOf<'SignalReceived'>;
export type ChangeEvent = InboxEventOf<'CallChanged'>;
type Addresses = Pick<TestServer, 'url' | 'webSocketUrl'>;

const password = 'correct horse';
let names = 0;

/** Somebody new, signed in on a first device. */
export async function signUp(server: Addresses, name = 'user'): Promise<Device> {
  return new Device(server, await registered(server.url, `${name}-${process.pid}-${(names += 1)}`));
}

/** One signed-in device of somebody, and what it has received. Speaks over HTTP unless it is told to use its socket. */
export class Device {
  readonly session: SessionPartsFragment;
  readonly events: Event[] = [];
  #server: Addresses;
  #socket: TestSocket | null = null;

  constructor(server: Addresses, session: SessionPartsFragment) {
    this.#server = server;
    this.session = session;
  }

  get userId(): string {
    return this.session.user.id;
  }

  get id(): string {
    return this.session.device.id;
  }

  get token(): string {
    return this.session.accessToken;
  }

  /** The socket that it is connected with. */
  get socket(): TestSocket {
    if (this.#socket === null) throw new Error('The device is not connected.');
    return this.#socket;
  }

  get signals(): SignalEvent[] {
    return this.events.filter((event) => event.__typename === 'SignalReceived');
  }

  get changes(): ChangeEvent[] {
    return this.events.filter((event) => event.__typename === 'CallChanged');
  }

  get lastCursor(): string | null {
    return this.events.at(-1)?.cursor ?? null;
  }

  /** Another device of the same user. */
  async another(deviceName: string): Promise<Device> {
    const { login } = await run(this.#server.url, null, loginOperation, {
      input: { username: this.session.user.username, password, deviceName },
    });
    return new Device(this.#server, login);
  }

  /** Opens a socket and subscribes; resolves when Ready is there. Events are kept in `events`, across sockets. */
  async connect(after: string | null = null): Promise<InboxEventOf<'Ready'>> {
    const socket = new TestSocket(this.#server.webSocketUrl, this.token);
    this.#socket = socket;
    const from = this.events.length;
    let failure: unknown;
    socket.subscribe(
      { query: String(inboxSubscription), variables: { after } },
      (data) => this.events.push((data as ResultOf<typeof inboxSubscription>).inbox),
      (error) => (failure = error),
    );
    const ready = await until('Ready', () => {
      if (failure !== undefined) throw failure as Error;
      return this.events[from];
    });
    if (ready.__typename !== 'Ready') throw new Error(`The first event is ${ready.__typename}.`);
    return ready;
  }

  cut(): void {
    this.socket.cut();
    this.#socket = null;
  }

  /** Reconnects where it was, to the same server or to another one. */
  comeBack(server: Addresses = this.#server) {
    this.#server = server;
    return this.connect(this.lastCursor);
  }

  async leave(): Promise<void> {
    await this.#socket?.close();
    this.#socket = null;
  }

  /** The same device, as it speaks to another node. */
  at(server: Addresses): Device {
    return new Device(server, this.session);
  }

  /** Any operation over HTTP; throws an ApiError where it was refused. */
  async ask<Data = Record<string, unknown>>(query: string, variables: object = {}): Promise<Data> {
    const { body } = await post<Data>(this.#server.url, this.token, query, variables);
    if (body.errors !== undefined || body.data == null) throw new ApiError(body.errors ?? []);
    return body.data;
  }

  async logOut(): Promise<void> {
    await this.ask('mutation { logout }');
  }

  async block(user: Device): Promise<void> {
    await this.ask('mutation ($id: ID!) { blockUser(id: $id) { id } }', { id: user.userId });
  }

  async unblock(user: Device): Promise<void> {
    await this.ask('mutation ($id: ID!) { unblockUser(id: $id) { id } }', { id: user.userId });
  }

  async seesOnline(user: Device): Promise<boolean> {
    const { user: seen } = await this.ask<{ user: { online: boolean } }>('query ($id: ID!) { user(id: $id) { online } }', {
      id: user.userId,
    });
    return seen.online;
  }

  async ring(callee: Pick<Device, 'userId'>, input: Partial<CreateCallInput> = {}): Promise<CallPartsFragment> {
    return (await run(this.#server.url, this.token, createCallOperation, { input: { calleeId: callee.userId, ...input } })).createCall;
  }

  async history(filter: CallFilter | null = null, first: number | null = null, after: string | null = null) {
    return (await run(this.#server.url, this.token, callsOperation, { filter, first, after })).calls;
  }

  async accept(callId: string): Promise<CallPartsFragment> {
    return (await run(this.#server.url, this.token, acceptCallOperation, { id: callId })).acceptCall;
  }

  async end(callId: string, reason: EndReason | null = null, detail: string | null = null): Promise<CallPartsFragment> {
    return (await run(this.#server.url, this.token, endCallOperation, { id: callId, reason, detail })).endCall;
  }

  async call(callId: string): Promise<CallPartsFragment | null> {
    return (await run(this.#server.url, this.token, callOperation, { id: callId })).call ?? null;
  }

  async activeCalls(): Promise<CallPartsFragment[]> {
    return (await run(this.#server.url, this.token, activeCallsOperation, {})).activeCalls;
  }

  async timeline(callId: string) {
    return (await run(this.#server.url, this.token, timelineOperation, { id: callId })).call?.timeline ?? [];
  }

  async send(callId: string, kind: SignalKind, payload: string, key: string | null = null) {
    return (await run(this.#server.url, this.token, sendSignalOperation, { input: { callId, kind, payload, key } })).sendSignal;
  }

  /** Over the socket, without waiting for those sent before. */
  async stream(callId: string, kind: SignalKind, payload: string, key: string | null = null) {
    return (await this.socket.run(sendSignalOperation, { input: { callId, kind, payload, key } })).sendSignal;
  }

  async page(after: string | null = null, first = 100) {
    return (await run(this.#server.url, this.token, inboxPageOperation, { after, first })).inbox;
  }

  heard(change: ChangeEvent['change'], callId: string): Promise<ChangeEvent> {
    return until(`${change}`, () => this.changes.find((event) => event.change === change && event.call.id === callId));
  }

  received(payload: string): Promise<SignalEvent> {
    return until(`the signal ${payload.slice(0, 20)}`, () => this.signals.find((event) => event.payload === payload));
  }
}

/** Two people in an answered call, both connected. */
export async function twoInACall(server: Addresses): Promise<{ ana: Device; ben: Device; callId: string }> {
  const [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  await Promise.all([ana.connect(), ben.connect()]);
  const call = await ana.ring(ben);
  // Else the answer may come before it rang, and the story would be one event shorter.
  await ana.heard('RINGING', call.id);
  await ben.accept(call.id);
  await Promise.all([ana.heard('ANSWERED', call.id), ben.heard('ANSWERED', call.id)]);
  return { ana, ben, callId: call.id };
}
