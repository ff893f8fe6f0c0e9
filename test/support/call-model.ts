import type { Answer, Command, DeviceName, UserName } from './call-commands.js';

/** A call, as all may know it who are in it. `n` is its number in the story. */
export interface ModelCall {
  readonly n: number;
  readonly caller: UserName;
  readonly callee: UserName;
  readonly callerDevice: DeviceName;
  readonly hidden: boolean;
  calleeDevice: DeviceName | null;
  status: 'CREATED' | 'RINGING' | 'ACTIVE' | 'ENDED';
  endReason: string | null;
  endedBy: UserName | null;
}

/** An event in the inbox of one user: `only` null for all devices. */
interface ModelEvent {
  readonly call: number;
  readonly what: string;
  readonly payload: string | null;
  readonly from: DeviceName | null;
  readonly only: DeviceName | null;
}

export const ownerOf = (device: DeviceName): UserName => device.split('/')[0] as UserName;
/** Who may end a call for which reasons, and what is meant by none. */
interface EndingRule {
  readonly allowed: readonly string[];
  readonly meant: string | null;
}
const byCaller: EndingRule = { allowed: ['CANCELLED', 'MEDIA_FAILED'], meant: 'CANCELLED' };
const byCallee: EndingRule = { allowed: ['DECLINED', 'BUSY', 'MEDIA_FAILED'], meant: 'DECLINED' };
const byDeviceInCall: EndingRule = { allowed: ['HUNG_UP', 'MEDIA_FAILED'], meant: 'HUNG_UP' };
const byOtherDevice: EndingRule = { allowed: ['HUNG_UP'], meant: null };
const serverReasons = ['NO_ANSWER', 'SIGNALING_LOST', 'TERMINATED'];
const missedReasons = ['NO_ANSWER', 'CANCELLED', 'BUSY'];

/** What the contract allows of a few people and their devices: it answers each command, and knows what each device has to read. */
export class CallModel {
  readonly calls: ModelCall[] = [];
  readonly inboxes: Record<UserName, ModelEvent[]> = { ana: [], ben: [], cleo: [] };
  readonly online = new Set<DeviceName>();
  /** The call that a user is in, and where in their inbox it begins. */
  readonly live: Record<UserName, { call: ModelCall; start: number } | null> = { ana: null, ben: null, cleo: null };
  readonly seen: Record<UserName, number> = { ana: -1, ben: -1, cleo: -1 };
  readonly #blocks = new Set<string>();
  readonly #callKeys = new Map<string, { call: ModelCall; request: string }>();
  readonly #signalKeys = new Map<string, string>();

  do(command: Command): Answer {
    if (command.do === 'create') return this.#create(command);
    if ('whom' in command) {
      if (command.do === 'block' && ownerOf(command.by) === command.whom) return { code: 'BAD_INPUT', field: 'id' };
      this.#blocks[command.do === 'block' ? 'add' : 'delete'](`${ownerOf(command.by)} ${command.whom}`);
      return {};
    }
    if (command.do === 'connect') this.online.add(command.by);
    if (command.do === 'leave') this.online.delete(command.by);
    if (command.do === 'connect' || command.do === 'leave') return {};
    if (command.do === 'page') {
      const incoming = this.live[ownerOf(command.by)]?.call;
      if (incoming?.status === 'CREATED' && incoming.callee === ownerOf(command.by)) this.#ring(incoming);
      return {};
    }
    const call = this.calls.at(-1 - command.call);
    if (command.do === 'expire') {
      if (call !== undefined && isRinging(call)) this.#end(call, 'NO_ANSWER', null, null);
      return {};
    }
    if (command.do === 'end' && serverReasons.includes(command.reason ?? '')) return { code: 'BAD_INPUT', field: 'reason' };
    if (call === undefined || !this.isParty(call, ownerOf(command.by))) return { code: 'NOT_FOUND' };
    switch (command.do) {
      case 'seen':
        this.seen[ownerOf(command.by)] = Math.max(this.seen[ownerOf(command.by)], call.n);
        return { missed: this.missedBy(ownerOf(command.by)) };
      case 'accept':
        return this.#accept(call, command.by) ?? this.view(call, ownerOf(command.by));
      case 'end':
        return this.#hangUp(call, command);
      case 'send':
        return this.#send(call, command);
    }
  }

  /** What is on a socket of the callee rings. Behind every command: the server does it when the event is written. */
  ringWhereHeard(): void {
    for (const call of this.calls) {
      if (call.status === 'CREATED' && !call.hidden && [...this.online].some((device) => ownerOf(device) === call.callee)) this.#ring(call);
    }
  }

  isParty(call: ModelCall, user: UserName): boolean {
    return user === call.caller || (user === call.callee && !call.hidden);
  }

  view(call: ModelCall, viewer: UserName): Answer {
    const { n, status, endReason, endedBy, callerDevice, calleeDevice } = call;
    const direction = viewer === call.caller ? 'OUTGOING' : 'INCOMING';
    return { call: n, direction, status, endReason, endedBy, callerDevice, calleeDevice, missed: this.#isMissed(call, viewer) };
  }

  missedBy(user: UserName): number {
    return this.calls.filter((call) => call.n > this.seen[user] && this.#isMissed(call, user)).length;
  }

  /** What a device reads in that part of its user's inbox. */
  read(device: DeviceName, from: number): string[] {
    const heard = this.inboxes[ownerOf(device)].slice(from).filter(({ only }) => only === null || only === device);
    return heard.map(({ call, what, payload, from: sender }) => {
      if (payload !== null) return `${call} ${what} ${JSON.stringify(payload)} from ${sender}`;
      const elsewhere = what === 'ANSWERED' && sender !== null && ownerOf(sender) === ownerOf(device) && sender !== device;
      return `${call} ${elsewhere ? 'ANSWERED_ELSEWHERE' : what}`;
    });
  }

  #create({ by, to, key, ring }: Command & { do: 'create' }): Answer {
    const caller = ownerOf(by);
    const request = `${to} ${ring}`;
    if (to === caller) return { code: 'BAD_INPUT', field: 'calleeId' };
    const known = key === null ? undefined : this.#callKeys.get(`${caller} ${key}`);
    if (known !== undefined) return known.request === request ? this.view(known.call, caller) : { code: 'BAD_INPUT', field: 'key' };
    if (this.#blocks.has(`${caller} ${to}`)) return { code: 'BAD_INPUT', field: 'calleeId' };
    const hidden = this.#blocks.has(`${to} ${caller}`);
    const standing = this.live[caller]?.call;
    let call: ModelCall;
    if (standing !== undefined) {
      if (standing.caller !== to || !isRinging(standing)) return { code: 'ALREADY_IN_CALL', call: standing.n };
      call = standing;
      this.#answer(call, by);
    } else {
      const fresh = { callee: to, callerDevice: by, hidden, calleeDevice: null, endReason: null, endedBy: null };
      call = { n: this.calls.length, caller, status: 'CREATED', ...fresh };
      this.calls.push(call);
      if (!hidden && this.live[to] !== null) this.#end(call, 'BUSY', null, null);
      else {
        for (const user of hidden ? [caller] : [caller, to]) this.live[user] = { call, start: this.inboxes[user].length };
        this.#tell(call, 'CREATED', by);
      }
    }
    if (key !== null) this.#callKeys.set(`${caller} ${key}`, { call, request });
    return this.view(call, caller);
  }

  #accept(call: ModelCall, by: DeviceName): Answer | null {
    if (call.callee === ownerOf(by) && isRinging(call)) this.#answer(call, by);
    return call.status === 'ACTIVE' && call.calleeDevice === by ? null : conflict(call, []);
  }

  #hangUp(call: ModelCall, { by, reason }: Command & { do: 'end' }): Answer {
    if (call.status !== 'ENDED') {
      const before = ownerOf(by) === call.caller ? byCaller : byCallee;
      const after = [call.callerDevice, call.calleeDevice].includes(by) ? byDeviceInCall : byOtherDevice;
      const rule = isRinging(call) ? before : after;
      const meant = reason ?? rule.meant;
      if (meant === null || !rule.allowed.includes(meant)) return conflict(call, rule.allowed);
      this.#end(call, meant, ownerOf(by), by);
    }
    return this.view(call, ownerOf(by));
  }

  #send(call: ModelCall, { by, kind, payload, key }: Command & { do: 'send' }): Answer {
    const keyed = `${by} ${call.n} ${key}`;
    const before = key === null ? undefined : this.#signalKeys.get(keyed);
    if (before !== undefined) return before === `${kind} ${payload}` ? { duplicate: true } : { code: 'BAD_INPUT', field: 'key' };
    const outgoing = ownerOf(by) === call.caller;
    if (!outgoing && kind === 'ANSWER') {
      const refused = this.#accept(call, by);
      if (refused !== null) return refused;
    }
    if (call.status === 'ENDED' || (outgoing ? call.callerDevice : call.calleeDevice) !== by) return conflict(call, []);
    if (key !== null) this.#signalKeys.set(keyed, `${kind} ${payload}`);
    const only = outgoing ? call.calleeDevice : call.callerDevice;
    const to = outgoing ? call.callee : call.caller;
    if (!call.hidden) this.inboxes[to].push({ call: call.n, what: kind, payload, from: by, only });
    const there = [...this.online].some((device) => (only === null ? ownerOf(device) === to : device === only));
    return { duplicate: false, delivery: there && !call.hidden ? 'LIVE' : 'STORED' };
  }

  #ring(call: ModelCall): void {
    call.status = 'RINGING';
    this.#tell(call, 'RINGING', null);
  }

  #answer(call: ModelCall, by: DeviceName): void {
    Object.assign(call, { status: 'ACTIVE', calleeDevice: by });
    this.#tell(call, 'ANSWERED', by);
  }

  #end(call: ModelCall, endReason: string, endedBy: UserName | null, by: DeviceName | null): void {
    Object.assign(call, { status: 'ENDED', endReason, endedBy });
    for (const user of [call.caller, call.callee]) if (this.live[user]?.call === call) this.live[user] = null;
    this.#tell(call, `ENDED ${endReason}`, by);
  }

  #tell(call: ModelCall, what: string, from: DeviceName | null): void {
    for (const user of call.hidden ? [call.caller] : [call.caller, call.callee]) {
      this.inboxes[user].push({ call: call.n, what, payload: null, from, only: null });
    }
  }

  #isMissed(call: ModelCall, user: UserName): boolean {
    return call.callee === user && !call.hidden && missedReasons.includes(call.endReason ?? '');
  }
}

function isRinging({ status }: ModelCall): boolean {
  return status === 'CREATED' || status === 'RINGING';
}

function conflict({ status, endReason }: ModelCall, allowed: readonly string[]): Answer {
  return { code: 'CALL_STATE_CONFLICT', status, endReason, allowed };
}
