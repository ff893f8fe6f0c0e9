import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callStatuses, clientEndReasons, endReasons } from '../../src/calls/call-status.js';
import { signalKinds } from '../../src/signaling/signal.repository.js';
import { startServer, type TestServer } from '../support/server.js';
import { operations } from '../support/transition-operations.js';
import { Cast, Scene, type CastKind } from '../support/transition-scene.js';
import { parties, readTransitions, type Role, type State, type Transition } from '../support/transition-table.js';

// The table of docs/protocol.md, row by row, against the server.
const { page, transitions } = readTransitions();

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Casts without a call, and calls that a row has left as they were, for the next one. */
const idle: Record<CastKind, Cast[]> = { connected: [], offline: [], blocked: [] };
const standing = new Map<State, Scene>();

function kindFor({ to }: Transition, from: State): CastKind {
  if (from === 'hidden' || to === 'hidden') return 'blocked';
  return from === 'CREATED' || from === '—' ? 'offline' : 'connected';
}

async function sceneFor(transition: Transition, from: State): Promise<Scene> {
  const left = standing.get(from);
  standing.delete(from);
  if (left !== undefined) return left;
  const kind = kindFor(transition, from);
  return Scene.set(idle[kind].pop() ?? (await Cast.assemble(kind, server)), from);
}

test.for(transitions)('$row', { timeout: 60_000 }, async (transition) => {
  const operation = operations[transition.operation];
  if (operation === undefined) throw new Error(`No test knows how to do this: ${transition.operation}`);
  // What changes nothing is asked in one call after the other value; what changes it needs a call for each.
  const together = transition.to === 'same' && operation.spoilsCast === undefined;
  const turns = together ? [transition.values] : transition.values.map((value) => [value]);
  for (const who of transition.who) {
    for (const from of transition.from) {
      for (const values of turns) await play(transition, who, from, values);
    }
  }
});

async function play(transition: Transition, who: Role, from: State, values: readonly string[]): Promise<void> {
  const { run, spoilsCast } = operations[transition.operation]!;
  const scene = await sceneFor(transition, from);
  const { cast } = scene;
  for (const value of values) {
    const done = run(scene, who as Exclude<Role, 'server'>, value);
    if (transition.error === null) await done;
    else await expect(done).rejects.toMatchObject({ extensions: refusal(transition, scene) });
  }
  const what = `${who}, ${from}, ${values.join(', ')}`;
  await expectCall(transition, scene, what);
  for (const party of parties.filter((it) => !scene.signedOut.has(it))) {
    const hidden = cast.kind === 'blocked' && party.startsWith('callee');
    const expected = hidden ? [] : values.flatMap(() => transition.told.get(party) ?? []);
    const told = await scene.told(party);
    // To have looked at a call makes it ring: the last of what an unconnected device reads may be that.
    const looked = !cast.isConnected(party) && told.length > expected.length && told.at(-1) === 'RINGING';
    expect({ what, party, told: looked ? told.slice(0, -1) : told }).toEqual({ what, party, told: expected });
  }
  if (spoilsCast !== undefined) return cast.leave();
  if (transition.to === 'same' && cast.kind !== 'offline') return void standing.set(from, scene);
  await cast.endCalls();
  idle[cast.kind].push(cast);
}

function refusal({ error, allowed }: Transition, { stands }: Scene): object {
  if (error !== 'CALL_STATE_CONFLICT') return { code: error };
  return { code: error, status: stands?.status, endReason: stands?.endReason, allowed: allowed ?? [] };
}

async function expectCall({ to, endReason }: Transition, scene: Scene, what: string): Promise<void> {
  if (to === '—') {
    expect(await scene.observer.activeCalls()).toEqual([]);
    return;
  }
  if (to === 'same') {
    expect({ what, call: await scene.observer.call(scene.call) }).toEqual({ what, call: scene.stands });
    return;
  }
  const call = await scene.standing();
  expect({ what, status: call?.status, endReason: call?.endReason }).toEqual({ what, status: to === 'hidden' ? 'CREATED' : to, endReason });
  if (to === 'hidden') expect(await scene.cast.device('callee').call(scene.call)).toBeNull();
}

const living = ['hidden', 'CREATED', 'RINGING', 'ACTIVE'] as const;

/** All that a client can do to a call: by each role, in each state, with each value. */
function* everything(): Generator<[who: Role, from: State, operation: string, value: string]> {
  const reasons = ['no reason', ...endReasons];
  for (const from of [...living, 'ENDED'] as const) {
    const answered = from === 'ACTIVE' || from === 'ENDED';
    const ofParties: Role[] = ['caller', "caller's other", 'callee', ...(answered ? (["callee's other"] as const) : [])];
    for (const who of [...ofParties, 'stranger'] as const) {
      yield [who, from, '`acceptCall`', ''];
      for (const kind of signalKinds) yield [who, from, '`sendSignal`', kind];
      for (const reason of reasons) {
        // Looked at before the call is, so it is the same for everybody.
        const given = reason === 'no reason' || (clientEndReasons as readonly string[]).includes(reason);
        if (given || who !== 'callee' || from !== 'hidden') yield [who, from, '`endCall`', reason];
      }
    }
    for (const who of ofParties) {
      if (who !== 'callee' || from !== 'hidden') if (who !== 'callee' || from !== 'CREATED') yield [who, from, 'receives CREATED', ''];
      if (from === 'ENDED') continue;
      for (const whom of ['the other party', 'a third user']) yield [who, from, `\`createCall\` to ${whom}`, ''];
      for (const operation of ['`logout`', '`deleteAccount`']) yield [who, from, operation, ''];
      for (const way of ['`revokeDevice`', '`changePassword`', 'a used refresh token']) yield [who, from, 'loses its session by', way];
    }
  }
}

test('the table has exactly one row for whatever any role can do to a call in any state', () => {
  const rowsFor = ([who, from, operation, value]: [Role, State, string, string]) =>
    transitions.filter(
      (row) => row.who.includes(who) && row.from.includes(from) && row.operation === operation && row.values.includes(value),
    );
  const counts = [...everything()].map((one) => ({ one: one.join(' · '), rows: rowsFor(one).length }));
  expect(counts.length).toBeGreaterThan(300);
  expect(counts.filter(({ rows }) => rows !== 1)).toEqual([]);
});

test('the table has every end, every event, and every mutation but those that touch no call', () => {
  expect([...new Set(transitions.flatMap(({ endReason }) => endReason ?? []))].toSorted()).toEqual(endReasons.toSorted());
  const told = transitions.flatMap((row) => [...row.told.values()].flat());
  expect([...new Set(told)].toSorted()).toEqual(['ANSWERED', 'ANSWERED_ELSEWHERE', 'CREATED', 'ENDED', 'RINGING', 'SIGNAL']);
  const mutations = Object.keys(buildSchema(readFileSync('schema/schema.graphql', 'utf8')).getMutationType()!.getFields());
  const unnamed = mutations.filter((name) => !transitions.some(({ row }) => row.includes(`\`${name}\``)));
  expect(unnamed.toSorted()).toEqual(['login', 'markCallsSeen', 'refreshSession', 'register', 'unblockUser', 'updateProfile']);
});

test('the diagram has the arrows of the table', () => {
  const drawn = [...page.matchAll(/^ {2}(\S+) --> ([A-Z]+)/gm)].map(([, from = '', to = '']) => `${from.replace('[*]', '—')} ${to}`);
  const changes = transitions.filter(({ to }) => (callStatuses as readonly string[]).includes(to));
  const arrows = changes.flatMap(({ from, to }) => from.filter((state) => state !== 'hidden').map((state) => `${state} ${to}`));
  expect(drawn.toSorted()).toEqual([...new Set(arrows)].toSorted());
});
