import { ApiError, post } from './api.js';
import { runSql } from './database.js';
import { signUp, type Device } from './device.js';
import type { TestServer } from './server.js';
import { parties, type Party, type State } from './transition-table.js';
import { until } from './until.js';

export type Actor = Party | 'stranger' | 'third';

/**
 * Two users with two devices each, and two more users. `connected`: all four have streams; `offline`: the caller's have,
 * so that a call stays CREATED until one of the callee looks; `blocked`: connected, and the callee has blocked the caller.
 */
export type CastKind = 'connected' | 'offline' | 'blocked';

export class Cast {
  readonly kind: CastKind;
  readonly server: TestServer;
  readonly #devices: Readonly<Record<Actor, Device>>;

  private constructor(kind: CastKind, server: TestServer, devices: Record<Actor, Device>) {
    this.kind = kind;
    this.server = server;
    this.#devices = devices;
  }

  static async assemble(kind: CastKind, server: TestServer): Promise<Cast> {
    const [caller, callee, stranger, third] = await Promise.all([signUp(server), signUp(server), signUp(server), signUp(server)]);
    const [anotherOfCaller, anotherOfCallee] = await Promise.all([caller.another('laptop'), callee.another('tablet')]);
    const devices = { caller, "caller's other": anotherOfCaller, callee, "callee's other": anotherOfCallee, stranger, third };
    const cast = new Cast(kind, server, devices);
    await Promise.all(parties.filter((party) => cast.isConnected(party)).map((party) => devices[party].connect()));
    if (kind === 'blocked') await cast.ask('callee', 'mutation ($id: ID!) { blockUser(id: $id) { id } }', { id: caller.userId });
    return cast;
  }

  device(actor: Actor): Device {
    return this.#devices[actor];
  }

  isConnected(party: Party): boolean {
    return this.kind !== 'offline' || party.startsWith('caller');
  }

  /** One request as that actor; throws an ApiError where it is refused. */
  async ask<Data>(actor: Actor, query: string, variables: object = {}): Promise<Data> {
    const { body } = await post<Data>(this.server.url, this.#devices[actor].token, query, variables);
    if (body.errors !== undefined || body.data == null) throw new ApiError(body.errors ?? []);
    return body.data;
  }

  /** Nobody is in a call any more. */
  async endCalls(): Promise<void> {
    for (const actor of ['caller', 'callee', 'stranger'] as const) {
      for (const { id, status } of await this.#devices[actor].activeCalls()) {
        await this.#devices[actor].end(id, status === 'ACTIVE' ? 'HUNG_UP' : null);
      }
    }
  }

  async leave(): Promise<void> {
    await Promise.all(parties.map((party) => this.#devices[party].leave()));
  }
}

export const offerKey = 'offer';
let calls = 0;

/** A call in one state, and where everybody's inbox was then. */
export class Scene {
  readonly cast: Cast;
  readonly state: State;
  /** What the call was asked for with; the same again is the same call. Rings for longer than all rows take. */
  readonly request: { readonly key: string; readonly ringSeconds: number };
  /** Before there was a call. */
  readonly before: ReadonlyMap<Party, string>;
  /** Null before there is one. */
  callId: string | null = null;
  /** The call as it is in its state. */
  stands: Awaited<ReturnType<Device['call']>> = null;
  /** Whose sessions have ended: they are told nothing any more. */
  readonly signedOut = new Set<Actor>();
  readonly #marks: Map<Party, string>;

  private constructor(cast: Cast, state: State, before: ReadonlyMap<Party, string>) {
    this.cast = cast;
    this.state = state;
    this.before = before;
    this.#marks = new Map(before);
    this.request = { key: `call-${(calls += 1)}`, ringSeconds: 180 };
  }

  /** The caller has placed the call and sent an offer; where it was answered, the callee's first device did it. */
  static async set(cast: Cast, state: State): Promise<Scene> {
    const scene = new Scene(cast, state, await cursorsOf(cast, parties));
    if (state === '—') return scene;
    const [caller, callee] = [cast.device('caller'), cast.device('callee')];
    const { id } = await caller.ring(callee, scene.request);
    scene.callId = id;
    await caller.send(id, 'OFFER', 'the offer', offerKey);
    if (state !== 'hidden' && state !== 'CREATED') await caller.heard('RINGING', id);
    if (state === 'ACTIVE' || state === 'ENDED') await callee.accept(id);
    if (state === 'ENDED') await caller.end(id);
    // Where the callee's devices are not connected, looking would make them ring: theirs stays where it was.
    const looking = parties.filter((party) => cast.isConnected(party));
    for (const [party, cursor] of await cursorsOf(cast, looking)) scene.#marks.set(party, cursor);
    scene.stands = await scene.observer.call(id);
    return scene;
  }

  get call(): string {
    if (this.callId === null) throw new Error('There is no call.');
    return this.callId;
  }

  /** A party that can still look at the call. */
  get observer(): Device {
    const able = (["caller's other", 'caller', 'callee'] as const).find((party) => !this.signedOut.has(party));
    if (able === undefined) throw new Error('Nobody is signed in any more.');
    return this.cast.device(able);
  }

  /** How the call stands: as the observer sees it, or as it is kept where the only party of a hidden one is gone. */
  async standing(): Promise<{ status: string; endReason: string | null } | null> {
    if (this.cast.kind !== 'blocked' || this.observer !== this.cast.device('callee')) return this.observer.call(this.call);
    const [row] = await runSql<{ status: string; endReason: string | null }>(
      this.cast.server.databaseUrl,
      'SELECT status, end_reason AS "endReason" FROM call WHERE id = $1',
      [this.call],
    );
    return row ?? null;
  }

  /** What a party was told since it was asked last: by the query, and the same by its stream where it has one. */
  async told(party: Party): Promise<string[]> {
    const device = this.cast.device(party);
    const mark = this.#marks.get(party) ?? null;
    const { events, cursor: position } = await device.page(mark);
    this.#marks.set(party, position);
    const told = events.flatMap((event) => nameOf(event, this.callId));
    if (this.cast.isConnected(party)) {
      const streamed = () =>
        device.events.filter(({ cursor }) => mark === null || cursor > mark).flatMap((event) => nameOf(event, this.callId));
      await until(`${told.join(', ')} in the stream`, () => streamed().join() === told.join());
    }
    // These were there before, and looking at a call that is CREATED makes it ring.
    const known = this.state === 'CREATED' && !this.cast.isConnected(party) ? ['CREATED', 'SIGNAL'] : [];
    if (told.slice(0, known.length).join() !== known.join()) throw new Error(`${party} was told ${told.join()}.`);
    return told.slice(known.length);
  }
}

async function cursorsOf(cast: Cast, of: readonly Party[]): Promise<Map<Party, string>> {
  return new Map(await Promise.all(of.map(async (party) => [party, (await cast.device(party).page()).cursor] as const)));
}

function nameOf(event: Device['events'][number], callId: string | null): string[] {
  if (event.__typename === 'CallChanged' && event.call.id === callId) return [event.change];
  return event.__typename === 'SignalReceived' && event.callId === callId ? ['SIGNAL'] : [];
}
