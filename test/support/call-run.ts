import { isDeepStrictEqual } from 'node:util';
import { deviceNames, userNames, type Answer, type Command, type DeviceName, type Story, type UserName } from './call-commands.js';
import { CallModel, ownerOf } from './call-model.js';
import { CallStage, type Party } from './call-stage.js';
import { until } from './until.js';

/** Plays a story on a server and on the model, and throws where the two differ. `saw` is told what was asked and how it was answered. */
export async function playStory(party: Party, { online, commands }: Story, saw: (what: string) => void): Promise<void> {
  const run = new CallRun(party, saw);
  try {
    await run.begin();
    for (const by of online) await run.step({ do: 'connect', by, anew: false });
    for (const command of commands) await run.step(command);
    await run.compareAll();
  } finally {
    await run.leave();
  }
  await run.tidyUp();
}

/** How far a device has read, in the model and for real. */
interface Reader {
  readonly lines: string[];
  position: number;
  cursor: string;
}

class CallRun {
  readonly #party: Party;
  readonly #saw: (what: string) => void;
  readonly #model = new CallModel();
  readonly #stage: CallStage;
  readonly #start = new Map<UserName, { cursor: string; missed: number }>();
  readonly #streams = new Map<DeviceName, Reader>();
  readonly #pages = new Map<DeviceName, Reader>();
  readonly #cameOnce = new Set<DeviceName>();
  readonly #rang = new Set<number>();
  #said: unknown = 'the beginning';
  /** A call that has rung out, and that nobody may have ended yet. */
  #due: number | null = null;

  constructor(party: Party, saw: (what: string) => void) {
    this.#party = party;
    this.#saw = saw;
    this.#stage = new CallStage(party);
  }

  async begin(): Promise<void> {
    for (const user of userNames) {
      const { missedCallCount, activeCalls } = await this.#stage.standing(user, 1);
      this.#compare('activeCalls', activeCalls, []);
      this.#start.set(user, { cursor: (await this.#stage.page(`${user}/phone`, null)).cursor, missed: missedCallCount });
    }
    for (const name of deviceNames) {
      const { cursor } = this.#start.get(ownerOf(name))!;
      this.#streams.set(name, { lines: [], position: 0, cursor });
      this.#pages.set(name, { lines: [], position: 0, cursor });
    }
  }

  async step(command: Command): Promise<void> {
    this.#said = command;
    const n = 'call' in command ? this.#model.calls.length - 1 - command.call : -1;
    if (!this.#endsWhatIsDue(command, n)) await this.#settle();
    if (command.do === 'expire') return this.#expire(command, n);
    await this.#act(command, this.#stage.callId(n));
    await this.#settle();
  }

  async compareAll(): Promise<void> {
    await this.#settle();
    for (const by of this.#cameOnce) await this.step({ do: 'connect', by, anew: false });
    // Whoever looks makes it ring: so they look before what is seen is compared.
    const unheard = this.#model.calls.filter(({ status, hidden }) => status === 'CREATED' && !hidden);
    for (const { callee } of unheard) await this.step({ do: 'page', by: `${callee}/phone`, anew: false });
    this.#said = 'the end';
    const model = this.#model;
    for (const name of deviceNames) {
      const { events, recovered, hasMore } = await this.#stage.page(name, this.#start.get(ownerOf(name))!.cursor);
      this.#compare(`the inbox query of ${name}`, [recovered, hasMore, this.#stage.lines(events)], [true, false, model.read(name, 0)]);
    }
    for (const user of userNames) {
      const { missed } = this.#start.get(user)!;
      const calls = model.calls.filter((call) => model.isParty(call, user)).toReversed();
      const live = model.live[user];
      const found = await this.#stage.standing(user, Math.max(1, calls.length));
      const active = found.activeCalls.map((call) => this.#stage.view(call));
      this.#compare(`activeCalls of ${user}`, active, live === null ? [] : [model.view(live.call, user)]);
      const history = found.calls.edges.slice(0, calls.length).map(({ node }) => this.#stage.view(node));
      const lived = calls.map((call) => model.view(call, user));
      this.#compare(`the history of ${user}`, history, lived);
      this.#compare(`missedCallCount of ${user}`, found.missedCallCount, model.missedBy(user) + (model.seen[user] < 0 ? missed : 0));
    }
    const userIds = this.#userIds();
    const rows = await this.#query<{ user_id: string; call_id: string }>('SELECT * FROM live_call WHERE user_id = ANY($1)', userIds);
    const inDatabase = userIds.map((userId) => this.#stage.numberOf(rows.find((row) => row.user_id === userId)?.call_id));
    const inModel = userNames.map((user) => model.live[user]?.call.n ?? -1);
    this.#compare('live_call', inDatabase, inModel);
  }

  async leave(): Promise<void> {
    await Promise.all(deviceNames.map((name) => this.#stage.leave(name, 'goodbye')));
  }

  /** Leaves nothing behind that another story of these people would see. */
  async tidyUp(): Promise<void> {
    for (const { status, callerDevice, n } of this.#model.calls) {
      if (status !== 'ENDED') await this.#party.devices[callerDevice].end(this.#stage.callId(n));
    }
    await this.#query('DELETE FROM user_block WHERE user_id = ANY($1)', this.#userIds());
  }

  /** Before the sweep only these are as if it had been there: they end by themselves what has rung out. */
  #endsWhatIsDue(command: Command, n: number): boolean {
    if (command.do === 'accept') return this.#model.calls[n]?.callee === ownerOf(command.by);
    return command.do === 'end' || (command.do === 'create' && command.key === null);
  }

  async #act(command: Exclude<Command, { do: 'expire' }>, callId: string): Promise<void> {
    const wasOnline = this.#model.online.has(command.by);
    const replay = command.do === 'connect' && !wasOnline ? this.#replay(command) : null;
    const page = command.do === 'page' ? this.#turnPage(command) : null;
    const expected = this.#model.do(command);
    this.#saw(`${command.do} ${outcomeOf(expected)}`);
    this.#model.ringWhereHeard();
    if (replay !== null) return replay();
    if (page !== null) return page();
    if (command.do === 'leave') return wasOnline ? this.#stage.leave(command.by, command.how) : undefined;
    if (command.do !== 'connect' && command.do !== 'page') this.#compare('the answer', await this.#stage.ask(command, callId), expected);
  }

  async #expire(command: Command & { do: 'expire' }, n: number): Promise<void> {
    const status = this.#model.calls[n]?.status;
    this.#model.do(command);
    if (status === this.#model.calls[n]?.status) return;
    await this.#query("UPDATE call SET ring_expires_at = clock_timestamp() - interval '1 ms' WHERE id = $1", this.#stage.callId(n));
    this.#due = n;
  }

  /** What a stream has to say when it starts, as it stands before it does. */
  #replay({ by, anew }: Command & { do: 'connect' }): () => Promise<void> {
    this.#cameOnce.add(by);
    const reader = this.#streams.get(by)!;
    const live = this.#model.live[ownerOf(by)];
    const after = anew ? null : reader.cursor;
    if (anew) reader.position = live?.start ?? this.#model.inboxes[ownerOf(by)].length;
    const expected = {
      recovered: true,
      activeCalls: live === null ? [] : [live.call.n],
      ...(after === null ? {} : { replaysFrom: after }),
    };
    return async () => this.#compare('Ready', await this.#stage.connect(by, after), expected);
  }

  /** What is on the next page, before the page itself makes a call ring. */
  #turnPage({ by, anew }: Command & { do: 'page' }): () => Promise<void> {
    const reader = this.#pages.get(by)!;
    const after = anew ? null : reader.cursor;
    const head = this.#model.inboxes[ownerOf(by)].length;
    const expected = this.#model.read(by, anew ? (this.#model.live[ownerOf(by)]?.start ?? head) : reader.position);
    reader.position = head;
    return async () => {
      const { events, cursor, recovered, hasMore } = await this.#stage.page(by, after);
      reader.cursor = cursor;
      this.#compare('the page', [recovered, hasMore, this.#stage.lines(events)], [true, false, expected]);
    };
  }

  /** Waits until everything that follows from the last command is there, and on every socket; then each has read what it has to. */
  async #settle(): Promise<void> {
    for (const { n, status } of this.#model.calls) {
      if (status === 'RINGING' && !this.#rang.has(n)) await this.#reaches(n, 'RINGING');
    }
    if (this.#due !== null) await this.#reaches(this.#due, 'ENDED');
    this.#due = null;
    for (const name of this.#model.online) {
      const reader = this.#streams.get(name)!;
      reader.lines.push(...this.#model.read(name, reader.position));
      reader.position = this.#model.inboxes[ownerOf(name)].length;
      await until('the events', () => this.#stage.heard(name).lines.length >= reader.lines.length, { withinMs: 3_000 }).catch(
        () => undefined,
      );
      const { lines, cursor } = this.#stage.heard(name);
      this.#compare(`what ${name} has read`, lines, reader.lines);
      reader.cursor = cursor ?? reader.cursor;
    }
  }

  async #reaches(n: number, status: string): Promise<void> {
    this.#rang.add(n);
    const reached = async () => (await this.#query<{ status: string }>('SELECT status FROM call WHERE id = $1', this.#stage.callId(n)))[0];
    await until(`call ${n} to be ${status}`, async () => (await reached())?.status === status).catch((error: Error) =>
      this.#fail(error.message),
    );
  }

  #query<Row extends object>(sql: string, value: unknown): Promise<Row[]> {
    return this.#party.database.query<Row>(sql, [value]);
  }

  #userIds(): string[] {
    return userNames.map((user) => this.#stage.userId(user));
  }

  #compare(what: string, found: unknown, expected: unknown): void {
    if (!isDeepStrictEqual(inOrder(found), inOrder(expected)))
      this.#fail(`${what}\n  is        ${JSON.stringify(found)}\n  has to be ${JSON.stringify(expected)}`);
  }

  #fail(what: string): never {
    throw new Error(`At ${JSON.stringify(this.#said)}: ${what}`);
  }
}

/** Of the reasons that are allowed the order says nothing. */
function inOrder(answer: unknown): unknown {
  const allowed = typeof answer === 'object' ? (answer as Answer | null)?.['allowed'] : undefined;
  return Array.isArray(allowed) ? { ...(answer as Answer), allowed: (allowed as string[]).toSorted() } : answer;
}

function outcomeOf(answer: Answer): string {
  if ('duplicate' in answer) return answer['duplicate'] === true ? 'a second time' : 'done';
  const { code, direction, status, endReason } = answer;
  const words = code === undefined ? [direction, status, endReason] : [code];
  return words.filter((word) => typeof word === 'string').join(' ') || 'done';
}
