import { randomUUID } from 'node:crypto';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { CallPartsFragment, InboxEventPartsFragment } from '../../src/client/gql/graphql.js';
import { acceptCallOperation, createCallOperation, endCallOperation, sendSignalOperation } from '../../src/client/operations.js';
import { ApiError, run } from './api.js';
import { deviceNames, userNames, type Answer, type Command, type DeviceName, type UserName } from './call-commands.js';
import { blockOperation, everythingOperation, markSeenOperation, unblockOperation } from './call-run-operations.js';
import { signUp, type Device } from './device.js';
import { serverHasNoticed } from './server-side.js';
import type { TestServer } from './server.js';
import type { SqlConnection } from './sql-connection.js';

/** The people of the stories, for real. They may go from story to story: nothing but calls that are over is left behind. */
export interface Party {
  readonly url: string;
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
  return { url: server.url, database, devices: Object.fromEntries(users.flat()) as Record<DeviceName, Device> };
}

/** The server as a story sees it: calls have the numbers in which they appeared, devices and users their names, and a refusal is an answer. */
export class CallStage {
  readonly party: Party;
  readonly #ids: string[] = [];
  readonly #names: ReadonlyMap<string, string>;
  /** Keys of calls live for a day, people for many stories. */
  readonly #story = randomUUID().slice(0, 8);

  constructor(party: Party) {
    this.party = party;
    const devices = deviceNames.map((name) => [party.devices[name].id, name] as const);
    this.#names = new Map<string, string>([...devices, ...userNames.map((user) => [this.userId(user), user] as const)]);
  }

  userId(user: UserName): string {
    return this.party.devices[`${user}/phone`].userId;
  }

  /** Of the call with that number; before there is one, an id that nobody knows. */
  callId(n: number): string {
    return this.#ids[n] ?? randomUUID();
  }

  numberOf(callId: unknown): number {
    return this.#ids.indexOf(String(callId));
  }

  async connect(name: DeviceName, after: string | null): Promise<Answer> {
    const { recovered, cursor, activeCalls } = await this.party.devices[name].connect(after);
    return { recovered, activeCalls: activeCalls.map(({ id }) => this.numberOf(id)), ...(after === null ? {} : { replaysFrom: cursor }) };
  }

  /** Resolves when the server knows it too: whether a call rings depends on it. */
  async leave(name: DeviceName, how: 'cut' | 'goodbye'): Promise<void> {
    const device = this.party.devices[name];
    const port = device.socket.localPort;
    if (how === 'cut') device.cut();
    else await device.leave();
    await serverHasNoticed(port);
  }

  everything(name: DeviceName, after: string | null, first: number) {
    return this.#ask(name, everythingOperation, { after, first });
  }

  /** `callId` is the call that the command is about, if it is about one. */
  async ask(command: Command & { by: DeviceName }, callId: string, overSocket: boolean): Promise<Answer> {
    try {
      return await this.#request(command, callId, overSocket);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const details = { ...error.extensions };
      if ('callId' in details) {
        details['call'] = this.numberOf(details['callId']);
        delete details['callId'];
      }
      return details;
    }
  }

  view(call: CallPartsFragment): Answer {
    const { id, direction, status, endReason, endedBy, callerDeviceId, calleeDeviceId, missed } = call;
    const [callerDevice, calleeDevice] = [callerDeviceId, calleeDeviceId].map((device) => this.#name(device));
    return { call: this.numberOf(id), direction, status, endReason, endedBy: this.#name(endedBy?.id), callerDevice, calleeDevice, missed };
  }

  /** An event as a line; nothing for Ready. */
  tell(event: InboxEventPartsFragment): string[] {
    switch (event.__typename) {
      case 'CallChanged': {
        const { change, call } = event;
        return [`${this.numberOf(call.id)} ${change}${change === 'ENDED' ? ` ${call.endReason}` : ''}`];
      }
      case 'SignalReceived':
        return [`${this.numberOf(event.callId)} ${event.kind} ${JSON.stringify(event.payload)} from ${this.#name(event.fromDeviceId)}`];
      default:
        return [];
    }
  }

  #name(id: string | null | undefined): string | null {
    return id == null ? null : (this.#names.get(id) ?? id);
  }

  async #request(command: Command & { by: DeviceName }, id: string, overSocket: boolean): Promise<Answer> {
    switch (command.do) {
      case 'create': {
        const { by, to, key, ring } = command;
        const input = { calleeId: this.userId(to), key: key === null ? null : `${key} ${this.#story}`, ringSeconds: ring };
        const { createCall } = await this.#ask(by, createCallOperation, { input }, overSocket);
        if (!this.#ids.includes(createCall.id)) this.#ids.push(createCall.id);
        return this.view(createCall);
      }
      case 'accept':
        return this.view((await this.#ask(command.by, acceptCallOperation, { id }, overSocket)).acceptCall);
      case 'end':
        return this.view((await this.#ask(command.by, endCallOperation, { id, reason: command.reason, detail: null }, overSocket)).endCall);
      case 'send': {
        const { by, kind, payload, key } = command;
        const { sendSignal } = await this.#ask(by, sendSignalOperation, { input: { callId: id, kind, payload, key } }, overSocket);
        // Of a second use the contract says nothing but that it is one.
        return sendSignal.duplicate ? { duplicate: true } : { duplicate: false, delivery: sendSignal.delivery };
      }
      case 'seen':
        return { missed: (await this.#ask(command.by, markSeenOperation, { upTo: id })).markCallsSeen };
      case 'block':
      case 'unblock':
        await this.#ask(command.by, command.do === 'block' ? blockOperation : unblockOperation, { id: this.userId(command.whom) });
        return {};
      default:
        return {};
    }
  }

  #ask<Data, Variables extends Record<string, unknown>>(
    by: DeviceName,
    operation: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    overSocket = false,
  ): Promise<Data> {
    const device = this.party.devices[by];
    return overSocket ? device.socket.run(operation, variables) : run(this.party.url, device.token, operation, variables);
  }
}
