import { randomUUID } from 'node:crypto';
import { ApiError, post } from './api.js';
import { deviceNames, userNames, type Answer, type Command, type DeviceName, type UserName } from './call-commands.js';
import {
  standingQuery,
  mutations,
  pageQuery,
  subscription,
  type CallShown,
  type EventShown,
  type Standing,
  type PageShown,
} from './call-run-operations.js';
import { signUp, type Device } from './device.js';
import { serverHasNoticed } from './server-side.js';
import type { TestServer } from './server.js';
import { TestSocket } from './socket.js';
import type { SqlConnection } from './sql-connection.js';
import { until } from './until.js';

/** The people of the stories, for real. They may go from story to story: nothing but calls that are over is left behind. */
export interface Party {
  readonly server: TestServer;
  readonly database: SqlConnection;
  readonly devices: Readonly<Record<DeviceName, Device>>;
}

export async function gatherParty(server: TestServer, database: SqlConnection): Promise<Party> {
  const users = await Promise.all(
    userNames.map(async (user) => {
      const [first, ...others] = deviceNames.filter((name) => name.startsWith(`${user}/`));
      const device = await signUp(server, user);
      return [[first, device] as const, ...(await Promise.all(others.map(async (name) => [name, await device.another(name)] as const)))];
    }),
  );
  return { server, database, devices: Object.fromEntries(users.flat()) as Record<DeviceName, Device> };
}

/** What a command says that is asked as a mutation. */
export type Request = Extract<Command, { do: keyof typeof mutations }>;

/** The server as a story sees it: calls have the numbers in which they appeared, devices and users their names, and a refusal is an answer. */
export class CallStage {
  readonly #party: Party;
  readonly #ids: string[] = [];
  readonly #names: ReadonlyMap<string, string>;
  readonly #sockets = new Map<DeviceName, TestSocket>();
  readonly #heard = new Map<DeviceName, EventShown[]>();
  /** Keys of calls live for a day, people for many stories. */
  readonly #story = randomUUID().slice(0, 8);

  constructor(party: Party) {
    this.#party = party;
    const devices = deviceNames.map((name) => [party.devices[name].id, name] as const);
    this.#names = new Map<string, string>([...devices, ...userNames.map((user) => [this.userId(user), user] as const)]);
  }

  userId(user: UserName): string {
    return this.#party.devices[`${user}/phone`].userId;
  }

  /** Of the call with that number; before there is one, an id that nobody knows. */
  callId(n: number): string {
    return this.#ids[n] ?? randomUUID();
  }

  numberOf(callId: unknown): number {
    return this.#ids.indexOf(String(callId));
  }

  /** Resolves with what Ready says. */
  async connect(name: DeviceName, after: string | null): Promise<Answer> {
    const { server, devices } = this.#party;
    const socket = new TestSocket(server.webSocketUrl, devices[name].token);
    const heard = this.#heard.get(name) ?? [];
    const before = heard.length;
    this.#heard.set(name, heard);
    this.#sockets.set(name, socket);
    socket.subscribe({ query: subscription, variables: { after } }, (data) => heard.push((data as { inbox: EventShown }).inbox));
    const ready = await until('Ready', () => heard[before]);
    if (ready.__typename !== 'Ready') return { first: ready.__typename };
    const activeCalls = ready.activeCalls.map(({ id }) => this.numberOf(id));
    return { recovered: ready.recovered, activeCalls, ...(after === null ? {} : { replaysFrom: ready.cursor }) };
  }

  /** Resolves when the server knows it too: whether a call rings depends on it. */
  async leave(name: DeviceName, how: 'cut' | 'goodbye'): Promise<void> {
    const socket = this.#sockets.get(name);
    if (socket === undefined) return;
    this.#sockets.delete(name);
    if (how === 'cut') socket.cut();
    else await socket.close();
    await serverHasNoticed(socket.localPort);
  }

  /** What a device has read on its sockets, a line each, and the cursor of the last event; Ready says nothing. */
  heard(name: DeviceName): { lines: string[]; cursor: string | undefined } {
    const events = this.#heard.get(name) ?? [];
    return { lines: this.lines(events), cursor: events.at(-1)?.cursor };
  }

  standing(user: UserName, first: number): Promise<Standing> {
    return this.#post(`${user}/phone`, standingQuery, { first });
  }

  async page(name: DeviceName, after: string | null): Promise<PageShown> {
    return (await this.#post<{ inbox: PageShown }>(name, pageQuery, { after })).inbox;
  }

  /** `callId` is the call that the request is about, if it is about one. */
  async ask(request: Request, callId: string): Promise<Answer> {
    try {
      const socket = 'way' in request && request.way === 'socket' ? this.#sockets.get(request.by) : undefined;
      const variables = this.#variables(request, callId);
      const text = mutations[request.do];
      const data = await (socket === undefined ? this.#post<object>(request.by, text, variables) : socket.query<object>(text, variables));
      return this.#answer(data as { call?: CallShown; receipt?: { delivery: string; duplicate: boolean }; missed?: number });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { callId: other, ...details } = error.extensions ?? {};
      return other === undefined ? details : { ...details, call: this.numberOf(other) };
    }
  }

  view({ id, direction, status, endReason, endedBy, callerDeviceId, calleeDeviceId, missed }: CallShown): Answer {
    const [callerDevice, calleeDevice] = [callerDeviceId, calleeDeviceId].map((device) => this.#name(device));
    return { call: this.numberOf(id), direction, status, endReason, endedBy: this.#name(endedBy?.id), callerDevice, calleeDevice, missed };
  }

  lines(events: readonly EventShown[]): string[] {
    return events.flatMap((event) => {
      if (event.__typename === 'Ready') return [];
      if (event.__typename === 'SignalReceived') {
        return [`${this.numberOf(event.callId)} ${event.kind} ${JSON.stringify(event.payload)} from ${this.#name(event.fromDeviceId)}`];
      }
      return [`${this.numberOf(event.call.id)} ${event.change}${event.change === 'ENDED' ? ` ${event.call.endReason}` : ''}`];
    });
  }

  #name(id: string | null | undefined): string | null {
    return id == null ? null : (this.#names.get(id) ?? id);
  }

  #variables(request: Request, id: string): Record<string, unknown> {
    switch (request.do) {
      case 'create': {
        const key = request.key === null ? null : `${request.key} ${this.#story}`;
        return { input: { calleeId: this.userId(request.to), ringSeconds: request.ring, key } };
      }
      case 'send':
        return { input: { callId: id, kind: request.kind, payload: request.payload, key: request.key } };
      case 'end':
        return { id, reason: request.reason };
      case 'block':
      case 'unblock':
        return { id: this.userId(request.whom) };
      default:
        return { id };
    }
  }

  #answer({ call, receipt, missed }: { call?: CallShown; receipt?: { delivery: string; duplicate: boolean }; missed?: number }): Answer {
    if (missed !== undefined) return { missed };
    // Of a second use the contract says nothing but that it is one.
    if (receipt !== undefined) return receipt.duplicate ? { duplicate: true } : { ...receipt };
    if (call === undefined) return {};
    if (!this.#ids.includes(call.id)) this.#ids.push(call.id);
    return this.view(call);
  }

  async #post<Data>(by: DeviceName, text: string, variables: object): Promise<Data> {
    const { body } = await post<Data>(this.#party.server.url, this.#party.devices[by].token, text, variables);
    if (body.errors !== undefined || body.data == null) throw new ApiError(body.errors ?? []);
    return body.data;
  }
}
