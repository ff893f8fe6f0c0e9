import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loginOperation, refreshSessionOperation, registerOperation } from '../src/client/operations.js';
import { run } from './support/api.js';
import { runSql } from './support/database.js';
import { Device, signUp, twoInACall } from './support/device.js';
import { metricsOf } from './support/metrics-page.js';
import { watchPresence } from './support/presence.js';
import { startServer, type TestServer } from './support/server.js';
import { ask, transports } from './support/transports.js';
import { until } from './support/until.js';

const password = 'correct horse';
const deletion = 'mutation ($password: String!) { deleteAccount(password: $password) }';
const stubFields = 'id username displayName online blocked';
const stubOf = ({ userId }: Device) => ({ id: userId, username: '', displayName: 'Deleted user', online: false, blocked: false });
/** Asks for nothing that is gone: where it is refused the token is. */
const nothingOfHers = '{ activeCalls { id } }';
const unauthenticated = { code: 'UNAUTHENTICATED' };

const remove = (device: Device) => device.ask(deletion, { password });
const removeOnSocket = (device: Device) => device.socket.query(deletion, { password });

async function closesWithin2s(devices: readonly Device[], act: () => Promise<unknown>): Promise<void> {
  await act();
  const endedAt = performance.now();
  for (const device of devices) expect(await device.socket.closed).toMatchObject({ code: 4403 });
  expect(performance.now() - endedAt).toBeLessThan(2_000);
}

describe.each([
  { where: 'on one node', nodes: 1 },
  { where: 'over two nodes', nodes: 2 },
])('$where', ({ nodes }) => {
  let here: TestServer;
  let there: TestServer;
  beforeAll(async () => {
    here = await startServer();
    there = nodes === 1 ? here : await startServer({ DATABASE_URL: here.databaseUrl });
  });
  afterAll(async () => {
    await here.stop();
    if (there !== here) await there.stop();
  });

  /** Ana has a phone here and a tablet there, and is in a call with Ben, who is there. */
  async function inACall() {
    const ana = await signUp(here, 'ana');
    const tablet = (await ana.another('tablet')).at(there);
    const ben = await signUp(there, 'ben');
    await Promise.all([ana.connect(), tablet.connect(), ben.connect()]);
    const { id: callId } = await ana.ring(ben);
    await ana.send(callId, 'OFFER', 'her offer');
    await ben.received('her offer');
    await ben.accept(callId);
    await ana.heard('ANSWERED', callId);
    return { ana, tablet, ben, callId };
  }

  test.for(transports)('over %s an account ends with its call, its sockets and its sessions', async (transport) => {
    const { ana, tablet, ben, callId } = await inACall();
    const renewed = { refreshToken: tablet.session.refreshToken };
    await closesWithin2s([ana, tablet], async () => {
      expect(await (transport === 'HTTP' ? remove(ana) : removeOnSocket(ana))).toEqual({ deleteAccount: true });
    });
    expect((await ben.heard('ENDED', callId)).call).toMatchObject({ status: 'ENDED', endReason: 'TERMINATED', endedBy: null });
    expect(await ben.activeCalls()).toEqual([]);
    for (const node of [here, there]) {
      for (const { token } of [ana, tablet]) {
        await until('the token to be refused', async () => (await refusal(node, token)) === 'UNAUTHENTICATED', { withinMs: 5_000 });
      }
    }
    await expect(run(there.url, null, refreshSessionOperation, renewed)).rejects.toMatchObject(unauthenticated);
    const login = { input: { username: ana.session.user.username, password } };
    await expect(run(there.url, null, loginOperation, login)).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
    await ben.leave();
  });

  test('what others have of the account keeps a stub: the history, the timeline, the signal that was replayed', async () => {
    const { ana, ben, callId } = await inACall();
    await remove(ana);
    await ben.heard('ENDED', callId);
    await until('her devices to be away', async () => (await stubIn(ben, callId)).online === false, { withinMs: 5_000 });
    expect(await stubIn(ben, callId)).toEqual(stubOf(ana));
    const { call } = await ben.ask<{ call: { timeline: { kind: string; user: object | null }[] } }>(
      `query ($id: ID!) { call(id: $id) { timeline { kind user { ${stubFields} } } } }`,
      { id: callId },
    );
    expect(call.timeline.find(({ kind }) => kind === 'CREATED')?.user).toEqual(stubOf(ana));
    expect(call.timeline.at(-1)).toEqual({ kind: 'ENDED', user: null });
    const { inbox } = await ben.ask<{ inbox: { events: { from?: object }[] } }>(
      `query ($after: ID) { inbox(after: $after) { events { ... on SignalReceived { from { ${stubFields} } } } } }`,
      { after: ben.events[0]?.cursor },
    );
    expect(inbox.events.flatMap(({ from }) => from ?? [])).toEqual([stubOf(ana)]);
    expect((await ben.history({ with: ana.userId })).edges.map(({ node }) => node.id)).toEqual([callId]);
    await ben.leave();
  });

  test('who hung up is a stub too, and who rings or is rung is told TERMINATED', async () => {
    const [ana, ben] = await Promise.all([signUp(here), signUp(there)]);
    await Promise.all([ana.connect(), ben.connect()]);
    const first = await ben.ring(ana);
    await ana.end(first.id);
    const second = await ana.ring(ben);
    await remove(ana);
    expect((await ben.heard('ENDED', second.id)).call).toMatchObject({ endReason: 'TERMINATED', missed: false });
    expect(await ben.call(first.id)).toMatchObject({ endReason: 'DECLINED', endedBy: { id: ana.userId } });
    const cleo = (await signUp(here)).at(there);
    await cleo.connect();
    const third = await cleo.ring(ben);
    await remove(ben);
    expect((await cleo.heard('ENDED', third.id)).call).toMatchObject({ endReason: 'TERMINATED' });
    await cleo.leave();
  });

  test('a caller who is blocked is told the same as any other', async () => {
    const [ana, ben] = await Promise.all([signUp(here), signUp(there)]);
    await ana.block(ben);
    await ben.connect();
    const { id } = await ben.ring(ana);
    await remove(ana);
    expect((await ben.heard('ENDED', id)).call).toMatchObject({ endReason: 'TERMINATED', endedBy: null });
    expect(await ben.activeCalls()).toEqual([]);
    await ben.leave();
  });

  test('who watches them is told once that they are away, and the subscription goes on', async () => {
    const [ana, cleo, ben] = await Promise.all([signUp(here), signUp(here), signUp(there)]);
    await Promise.all([ana.connect(), ben.connect()]);
    const { of } = await watchPresence(ben, [ana, cleo]);
    await until('Ana to be online', () => of(ana).at(-1) === true, { withinMs: 10_000 });
    await remove(ana);
    await until('Ana to be offline', () => of(ana).at(-1) === false, { withinMs: 10_000 });
    await cleo.connect();
    await until('Cleo to be online', () => of(cleo).at(-1) === true, { withinMs: 10_000 });
    expect(of(ana).filter((online) => !online).length).toBeLessThanOrEqual(2);
    await Promise.all([ben.leave(), cleo.leave()]);
  });

  test('a username is free again, and whoever takes it is somebody else', async () => {
    const { ana, ben, callId } = await inACall();
    await remove(ana);
    const username = ana.session.user.username.toUpperCase();
    const { register } = await run(there.url, null, registerOperation, { input: { username, password } });
    expect(register.user).toMatchObject({ username });
    expect(register.user.id).not.toBe(ana.userId);
    expect(await stubIn(ben, callId)).toMatchObject({ id: ana.userId, username: '' });
    const next = new Device(there, register);
    expect((await next.history()).edges).toEqual([]);
    await ben.ring(next);
    await remove(next);
    await ben.leave();
  });

  test('a caller who calls again and again keeps nobody', async () => {
    const [ana, ...callers] = await Promise.all([signUp(here), signUp(here), signUp(there), signUp(here)]);
    let over = false;
    const codes: unknown[] = [];
    const nagging = callers.map(async (caller) => {
      while (!over) {
        try {
          const { id } = await caller.ring(ana);
          await caller.end(id);
        } catch (error) {
          codes.push((error as { code?: unknown }).code);
          over = true;
        }
      }
    });
    await until('a call', async () => (await ana.history()).edges.length > 5);
    expect(await remove(ana)).toEqual({ deleteAccount: true });
    await Promise.all(nagging);
    expect([...new Set(codes)]).toEqual(['NOT_FOUND']);
  });

  async function stubIn(viewer: Device, callId: string) {
    const query = `query ($id: ID!) { call(id: $id) { caller { ${stubFields} } } }`;
    return (await viewer.ask<{ call: { caller: { online: boolean } } }>(query, { id: callId })).call.caller;
  }

  async function refusal(node: TestServer, token: string): Promise<unknown> {
    return (await ask('HTTP', node, token, nothingOfHers)).errors?.[0]?.extensions?.['code'];
  }
});

describe('of one node', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  test.for(transports)('over %s a wrong password deletes nothing', async (transport) => {
    const { ana, ben, callId } = await twoInACall(server);
    for (const wrong of ['wrong password', '', 'short', 'x'.repeat(100), `${password}\0`, `${password} `]) {
      const { errors } = await ask(transport, server, ana.token, deletion, { password: wrong });
      expect(errors?.[0]?.extensions).toEqual({ code: 'INVALID_CREDENTIALS' });
    }
    const two = `mutation { a: deleteAccount(password: "one guess") b: deleteAccount(password: "another guess") }`;
    expect((await ask(transport, server, ana.token, two)).errors?.[0]?.extensions).toEqual({ code: 'BAD_QUERY' });
    expect((await ask(transport, server, null, deletion, { password })).errors?.[0]?.extensions).toEqual(unauthenticated);
    expect(await ana.socket.query('{ me { username } }')).toEqual({ me: { username: ana.session.user.username } });
    expect(await ben.call(callId)).toMatchObject({ status: 'ACTIVE' });
    await Promise.all([ana.leave(), ben.leave()]);
  });

  test('a deleted user is answered for as one that never was, to the byte', async () => {
    const [viewer, gone] = await Promise.all([signUp(server, 'viewer'), signUp(server, 'gone')]);
    const nobody = randomUUID();
    const { username } = gone.session.user;
    await gone.ask('mutation { updateProfile(displayName: "Zelda Unseen") { id } }');
    await viewer.ring(gone);
    await remove(gone);
    const never = `never-${randomUUID().slice(0, 8)}`;
    const pairs: [query: string, ofGone: object, ofNobody: object][] = [
      ['query ($id: ID) { user(id: $id) { id } }', { id: gone.userId }, { id: nobody }],
      ['query ($name: String) { user(username: $name) { id } }', { name: username }, { name: never }],
      ['query ($name: String) { user(username: $name) { id } }', { name: '' }, { name: ' ' }],
      ['query ($name: String) { user(username: $name) { id } }', { name: ` ${gone.userId}` }, { name: ` ${nobody}` }],
      ['query ($text: String!) { users(search: $text) { id } }', { text: username }, { text: never }],
      ['query ($text: String!) { users(search: $text) { id } }', { text: 'zelda' }, { text: never }],
      ['query ($text: String!) { users(search: $text) { id } }', { text: 'deleted user' }, { text: never }],
      ['query ($text: String!) { users(search: $text) { id } }', { text: ` ${gone.userId}` }, { text: never }],
      ['mutation ($id: ID!) { createCall(input: { calleeId: $id }) { id } }', { id: gone.userId }, { id: nobody }],
      ['mutation ($id: ID!) { blockUser(id: $id) { id } }', { id: gone.userId }, { id: nobody }],
      ['mutation ($id: ID!) { unblockUser(id: $id) { id } }', { id: gone.userId }, { id: nobody }],
      ['subscription ($id: ID!) { presence(userIds: [$id]) { id } }', { id: gone.userId }, { id: nobody }],
      [
        'mutation ($name: String!, $p: String!) { login(input: { username: $name, password: $p }) { expiresAt } }',
        { name: username, p: password },
        { name: never, p: password },
      ],
      [
        'mutation ($name: String!, $p: String!) { login(input: { username: $name, password: $p }) { expiresAt } }',
        { name: '', p: '' },
        { name: never, p: '' },
      ],
    ];
    for (const [query, ofGone, ofNobody] of pairs) {
      for (const transport of transports) {
        if (transport === 'HTTP' && query.startsWith('subscription')) continue;
        const [one, other] = [
          await ask(transport, server, viewer.token, query, ofGone),
          await ask(transport, server, viewer.token, query, ofNobody),
        ];
        expect(JSON.stringify({ query, ...one })).toBe(JSON.stringify({ query, ...other }));
      }
    }
  });

  test('blocks of both directions end with the account, and so does all else that is its own', async () => {
    const secret = `hidden-${randomUUID().slice(0, 8)}`;
    const [ana, ben] = await Promise.all([signUp(server, secret), signUp(server)]);
    await ana.ask('mutation ($name: String!) { updateProfile(displayName: $name) { id } }', { name: `Ana ${secret}` });
    const tablet = await ana.another(`her ${secret}`);
    await tablet.connect();
    const { id } = await ana.ring(ben, { key: 'a key' });
    await ana.end(id);
    await ana.ask('mutation ($id: ID!) { markCallsSeen(upTo: $id) }', { id });
    await Promise.all([ana.block(ben), ben.block(ana)]);
    await tablet.ask('mutation ($id: ID!) { revokeDevice(id: $id) }', { id: ana.id });
    await remove(tablet);
    await tablet.socket.closed;
    expect(await ben.ask('{ blockedUsers { id } }')).toEqual({ blockedUsers: [] });

    const rowsWith = async (text: string): Promise<string[]> => {
      const tables = await runSql<{ name: string }>(
        server.databaseUrl,
        "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
      );
      const found = await Promise.all(
        tables.map(async ({ name }) => {
          const rows = await runSql(server.databaseUrl, `SELECT 1 FROM "${name}" t WHERE t::text LIKE '%' || $1 || '%'`, [text]);
          return rows.length > 0 ? [name] : [];
        }),
      );
      return found.flat().toSorted();
    };
    expect(await rowsWith(secret)).toEqual([]);
    await until('her presence to be gone', async () => !(await rowsWith(ana.userId)).includes('device_presence'));
    const kept = (await rowsWith(ana.userId)).filter((name) => !name.startsWith('inbox_') || name === 'inbox_head');
    expect(kept).toEqual(['account', 'call', 'call_timeline', 'device']);
  });

  test('the node that deletes refuses the tokens from then on, and counts what it ended', async () => {
    const { ana, ben, callId } = await twoInACall(server);
    const tablet = await ana.another('tablet');
    const terminated = async () => (await metricsOf(server)).value('calls_ended_total', { reason: 'TERMINATED' });
    const before = await terminated();
    await remove(ana);
    for (const { token } of [ana, tablet]) {
      expect((await ask('HTTP', server, token, nothingOfHers)).errors?.[0]?.extensions).toEqual(unauthenticated);
    }
    expect(await terminated()).toBe(before + 1);
    await ben.heard('ENDED', callId);
    await ben.leave();
  });

  test('a node of an older version cannot give the stub a name', async () => {
    const ana = await signUp(server);
    await remove(ana);
    for (const set of ["display_name = 'Ana'", "username = 'ana'", "password_hash = 'x'", "display_name_key = 'ana'"]) {
      await expect(runSql(server.databaseUrl, `UPDATE account SET ${set} WHERE id = $1`, [ana.userId])).rejects.toThrow(/nameless/);
    }
  });
});
