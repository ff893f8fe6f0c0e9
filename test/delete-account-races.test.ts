import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCall } from '../src/calls/create-call.sql.js';
import { loginOperation } from '../src/client/operations.js';
import { appendEvent } from '../src/inbox/inbox.js';
import { slotLengthUs } from '../src/inbox/janitor.js';
import { run } from './support/api.js';
import { runSql } from './support/database.js';
import { type Device, signUp } from './support/device.js';
import { Dice } from './support/dice.js';
import { startServer, startServerForTest, type TestServer } from './support/server.js';
import { SqlConnection } from './support/sql-connection.js';
import { until } from './support/until.js';

const password = 'correct horse';
const remove = (device: Device) => device.ask(`mutation { deleteAccount(password: "${password}") }`);

/** Whatever is left of an account that was deleted, by what is wrong with it. */
const leftovers = `
  WITH deleted AS (SELECT id FROM account WHERE deleted_at IS NOT NULL)
  SELECT 'live call' AS what FROM live_call l JOIN deleted d ON d.id = l.user_id
  UNION ALL SELECT 'a call that goes on' FROM call c JOIN deleted d ON d.id IN (c.caller_id, c.callee_id) WHERE c.status < 'ENDED'
  UNION ALL SELECT 'a head' FROM inbox_head h JOIN deleted d ON d.id = h.user_id
  UNION ALL SELECT 'a session' FROM device v JOIN deleted d ON d.id = v.user_id WHERE v.revoked_at IS NULL OR v.name <> ''
  UNION ALL SELECT 'a block' FROM user_block b JOIN deleted d ON d.id IN (b.user_id, b.blocked_id)
  UNION ALL SELECT 'a marker' FROM seen_marker m JOIN deleted d ON d.id = m.user_id
  UNION ALL SELECT 'a key' FROM call_key k JOIN deleted d ON d.id = k.user_id
  UNION ALL SELECT 'a live call of nobody' FROM live_call l LEFT JOIN call c ON c.id = l.call_id AND c.status < 'ENDED' WHERE c.id IS NULL`;

/** What the losers of such a race may be told; a socket that opens too late is closed. */
const refusals: unknown[] = [
  4403,
  'UNAUTHENTICATED',
  'INVALID_CREDENTIALS',
  'NOT_FOUND',
  'CALL_STATE_CONFLICT',
  'ALREADY_IN_CALL',
  'BAD_INPUT',
];

async function codeOf(asked: Promise<unknown>): Promise<unknown> {
  try {
    await asked;
    return 'done';
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === undefined) throw error;
    return code;
  }
}

/** Ana is at both nodes with a device each, and whoever calls her asks a node of their own choice. */
async function assemble(nodes: readonly [TestServer, TestServer], dice: Dice) {
  const [phone, ben, cleo] = await Promise.all([signUp(nodes[0], 'ana'), signUp(nodes[0], 'ben'), signUp(nodes[1], 'cleo')]);
  const tablet = (await phone.another('tablet')).at(nodes[1]);
  const anywhere = (device: Device) => device.at(dice.oneOf(nodes));
  return { nodes, ana: [phone, tablet] as const, ben, cleo, anywhere };
}

async function race(rounds: number, play: (stage: Awaited<ReturnType<typeof assemble>>, dice: Dice) => Promise<unknown>): Promise<void> {
  const dice = Dice.fromEnvironment();
  console.log(`  deletions: SEED=${dice.seed}`);
  const here = await startServer();
  const there = await startServer({ DATABASE_URL: here.databaseUrl });
  try {
    for (let round = 0; round < rounds; round += 1) {
      await play(await assemble([here, there], dice), dice);
      expect(await runSql(here.databaseUrl, leftovers)).toEqual([]);
    }
  } finally {
    // A connection tells what it has counted when it ends.
    await Promise.all([here.stop(), there.stop()]);
  }
  const [counted] = await runSql<{ deadlocks: string }>(
    here.databaseUrl,
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  expect(counted?.deadlocks).toBe('0');
}

test('whoever calls, answers or is called at that moment, nobody is left in a call with a deleted user', () =>
  race(25, async ({ ana, ben, cleo, anywhere }, dice) => {
    const { id } = await anywhere(ben).ring(ana[0]);
    const codes = await Promise.all(
      dice
        .shuffled([
          () => remove(anywhere(dice.oneOf(ana))),
          () => anywhere(ana[0]).accept(id),
          () => anywhere(ana[1]).accept(id),
          () => anywhere(ben).end(id),
          () => anywhere(cleo).ring(ana[0]),
          () => anywhere(ana[1]).ring(cleo),
          () => anywhere(ben).send(id, 'OFFER', 'an offer'),
          () => anywhere(ana[0]).send(id, 'ANSWER', 'an answer'),
          () => anywhere(cleo).ring(ben),
          () => anywhere(ben).ring(ana[0], { key: 'again' }),
        ])
        .map((act) => codeOf(act())),
    );
    for (const code of codes) expect([...refusals, 'done']).toContain(code);
    expect(await codeOf(ben.ring(ana[0]))).toMatch(/NOT_FOUND|ALREADY_IN_CALL/);
  }));

test('whatever else is written of an account while it goes, nothing of it stays', () =>
  race(25, async ({ nodes, ana, ben, cleo, anywhere }, dice) => {
    const { id } = await anywhere(ben).ring(ana[0]);
    await anywhere(ana[0]).end(id);
    const { username } = ana[0].session.user;
    const login = { input: { username, password } };
    const codes = await Promise.all(
      dice
        .shuffled([
          () => remove(anywhere(dice.oneOf(ana))),
          () => ana[0].connect(),
          () => ana[1].connect(),
          ...nodes.map(
            ({ url }) =>
              () =>
                run(url, null, loginOperation, login),
          ),
          () => anywhere(ana[0]).ask('mutation { updateProfile(displayName: "somebody else") { id } }'),
          () => anywhere(ana[1]).ask(`mutation { changePassword(current: "${password}", next: "${password}") { expiresAt } }`),
          () => anywhere(ana[1]).ask('mutation ($id: ID!) { revokeDevice(id: $id) }', { id: ana[0].id }),
          () => anywhere(ana[0]).block(ben),
          () => anywhere(ben).block(ana[0]),
          () => anywhere(cleo).block(ana[0]),
          () => anywhere(ana[1]).ask('mutation ($id: ID!) { markCallsSeen(upTo: $id) }', { id }),
          () => anywhere(ana[1]).page(),
        ])
        .map((act) => codeOf(act())),
    );
    for (const code of codes) expect([...refusals, 'done']).toContain(code);
    // The password may have been changed first, to the same one; or the device that was to do it was revoked.
    expect(['done', 'UNAUTHENTICATED']).toContain(await codeOf(remove(ana[1])));
    await Promise.all(ana.map((device) => device.leave()));
    const sql = 'SELECT 1 FROM account WHERE id = $1 AND deleted_at IS NOT NULL';
    expect(await runSql(nodes[0].databaseUrl, sql, [ana[0].userId])).toHaveLength(1);
  }));

test('of two deletions of one account at once one is made', () =>
  race(12, async ({ ana }) => {
    const codes = await Promise.all([...ana, ...ana].map((device) => codeOf(remove(device))));
    expect(codes.filter((code) => code === 'done')).toHaveLength(1);
    expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(3);
  }));

test('two who have blocked each other, or are in a call, go at once', () =>
  race(12, async ({ ana, ben, cleo, anywhere }) => {
    const { id } = await anywhere(ben).ring(ana[0]);
    await Promise.all([ana[0].accept(id), ana[1].block(cleo), cleo.block(ana[1]), ben.block(cleo), cleo.block(ben)]);
    expect(await Promise.all([ana[1], ben, cleo].map((device) => codeOf(remove(device))))).toEqual(['done', 'done', 'done']);
  }));

test.for([
  { table: 'account', column: 'id' },
  { table: 'device', column: 'user_id' },
])('while somebody else writes to the $table its deletion waits, and holds up nobody who calls', async ({ table, column }) => {
  const server = await startServerForTest();
  const [ana, ben] = await Promise.all([signUp(server), signUp(server)]);
  const other = await SqlConnection.open(server.databaseUrl);
  await other.query('BEGIN');
  await other.query(`SELECT 1 FROM ${table} WHERE ${column} = $1 FOR UPDATE`, [ana.userId]);
  let answered = false;
  const deleting = codeOf(remove(ana)).finally(() => (answered = true));
  for (let call = 0; call < 5; call += 1) {
    const askedAt = performance.now();
    const { id } = await ben.ring(ana);
    await ben.end(id);
    expect(performance.now() - askedAt).toBeLessThan(900);
  }
  expect(answered).toBe(false);
  await other.query('ROLLBACK');
  await other.close();
  expect(await deleting).toBe('done');
});

test('a call that comes from somebody else in between is ended under the head of that one too', async () => {
  const server = await startServerForTest();
  const [ana, cleo] = await Promise.all([signUp(server), signUp(server)]);
  const connect = () => SqlConnection.open(server.databaseUrl);
  const [first, second, looker] = await Promise.all([connect(), connect(), connect()]);
  const slotUs = slotLengthUs(1_800_000);
  // Cleo's call is being written when the deletion asks who is in a call with Ana, and finds nobody.
  await first.query('BEGIN');
  const callId = randomUUID();
  await first.query(`SELECT ${createCall.name}($1, $2, $3, $4, 'AUDIO', NULL, 60, NULL, '', $5)`, [
    callId,
    cleo.userId,
    cleo.id,
    ana.userId,
    slotUs,
  ]);
  const deleting = codeOf(remove(ana));
  const waiting = (count: number) =>
    until(`${count} who wait`, async () => {
      const asked = 'SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0';
      return (await looker.query(asked)).length === count;
    });
  await waiting(1);
  // And something else is written to her inbox just behind it.
  await second.query('BEGIN');
  const held = second.query('SELECT 1 FROM inbox_head WHERE user_id = $1 FOR UPDATE', [cleo.userId]);
  await waiting(2);
  await first.query('COMMIT');
  await held;
  await second.query(`SELECT ${appendEvent.name}($1, NULL, $2, 'CUSTOM', NULL, NULL, NULL, 'x', $3)`, [cleo.userId, callId, slotUs]);
  await second.query('COMMIT');
  expect(await deleting).toBe('done');
  expect(await cleo.call(callId)).toMatchObject({ status: 'ENDED', endReason: 'TERMINATED' });
  const rows = await first.query<{ seq: string }>('SELECT seq FROM inbox WHERE user_id = $1 ORDER BY seq', [cleo.userId]);
  expect(rows.map(({ seq }) => Number(seq))).toEqual([1, 2, 3]);
  await Promise.all([first.close(), second.close(), looker.close()]);
});
