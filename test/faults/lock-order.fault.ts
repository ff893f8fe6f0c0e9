import { randomUUID } from 'node:crypto';
import { beforeAll, afterAll, expect, onTestFinished, test } from 'vitest';
import { Database } from '../../src/db/database.js';
import { PresenceRepository } from '../../src/presence/presence.repository.js';
import { entities } from '../../src/storage.js';
import { signUp, twoInACall, type Device } from '../support/device.js';
import { HeldRow, isFree, type Row } from '../support/held-row.js';
import { ServerProcess } from '../support/server-process.js';
import { SqlConnection } from '../support/sql-connection.js';

// A deadlock is rare, however many try; what would allow one can be seen each time. While somebody holds the lower of
// two heads, whoever wants both has to wait for that one, and must not have the higher one already. The same with devices of which two nodes write.
let server: ServerProcess;
let looking: SqlConnection;
beforeAll(async () => {
  server = await ServerProcess.start();
  looking = await SqlConnection.open(server.databaseUrl);
});
afterAll(async () => {
  await looking.close();
  await server.kill();
});

/** Ids are compared by Postgres as they sort in text. */
function byId(one: Device, other: Device): [Device, Device] {
  return one.userId < other.userId ? [one, other] : [other, one];
}

/** While somebody holds that row, whoever asks waits for it and has none of the others. */
async function waitsForItAlone(row: Row, others: readonly Row[], ask: () => Promise<unknown>): Promise<void> {
  const held = await HeldRow.take(server.databaseUrl, row);
  const answer = Promise.allSettled([ask()]);
  try {
    await held.awaited();
    for (const other of others) expect(await isFree(looking, other)).toBe(true);
  } finally {
    await held.letGo();
  }
  expect(await answer).toMatchObject([{ status: 'fulfilled' }]);
}

function waitsForTheLowerAlone(one: Device, other: Device, ask: () => Promise<unknown>): Promise<void> {
  const [lower, higher] = byId(one, other);
  return waitsForItAlone(lower, [higher], ask);
}

const twoPeople = () => Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);

test('createCall', async () => {
  const [ana, ben] = await twoPeople();
  await waitsForTheLowerAlone(ana, ben, () => ana.ring(ben));
  await waitsForTheLowerAlone(ana, ben, () => ben.ring(ana));
});

test('acceptCall, an ANSWER that accepts, and endCall', async () => {
  const [ana, ben] = await twoPeople();
  const first = await ana.ring(ben);
  await waitsForTheLowerAlone(ana, ben, () => ben.accept(first.id));
  await waitsForTheLowerAlone(ana, ben, () => ana.end(first.id));
  const second = await ben.ring(ana);
  await waitsForTheLowerAlone(ana, ben, () => ana.send(second.id, 'ANSWER', 'v=0'));
  await waitsForTheLowerAlone(ana, ben, () => ana.end(second.id));
});

test('a batch of signals for both', async () => {
  const { ana, ben, callId } = await twoInACall(server);
  onTestFinished(async () => void (await Promise.all([ana.leave(), ben.leave()])));
  const [lower, higher] = byId(ana, ben);
  const both = await Promise.all([HeldRow.take(server.databaseUrl, higher), HeldRow.take(server.databaseUrl, lower)]);
  // The first goes alone and waits; what comes meanwhile is the next batch, and for both.
  const first = lower.stream(callId, 'CUSTOM', 'first');
  await both[0].awaited();
  const others = [0, 1, 2].flatMap((n) => [ana.stream(callId, 'CUSTOM', `${n}`), ben.stream(callId, 'CUSTOM', `${n}`)]);
  await both[0].letGo();
  await first;
  try {
    await both[1].awaited();
    expect(await isFree(looking, higher)).toBe(true);
  } finally {
    await both[1].letGo();
  }
  expect(await Promise.all(others)).toHaveLength(6);
});

test('devices that come to a node at once, each to note when it was last there', async () => {
  const people = await Promise.all(Array.from({ length: 8 }, () => signUp(server, 'ana')));
  const [lowest, ...others] = people.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  onTestFinished(async () => void (await Promise.all(people.map((person) => person.leave()))));
  const rows = others.map(({ id }) => ({ deviceId: id }));
  await waitsForItAlone({ deviceId: lowest!.id }, rows, () => Promise.all([...others, lowest!].map((person) => person.connect())));
});

test('changePassword, beside devices that come to a node', async () => {
  const first = await signUp(server, 'ana');
  const [lower, higher] = [first, await first.another('laptop')].toSorted((one, other) => (one.id < other.id ? -1 : 1));
  await waitsForItAlone({ deviceId: lower!.id }, [{ deviceId: higher!.id }], () =>
    higher!.ask('mutation { changePassword(current: "correct horse", next: "correct horses") { expiresAt } }'),
  );
});

test('devices that leave a node, by itself and by another one that finds it gone', async () => {
  const database = await Database.open(server.databaseUrl, entities);
  onTestFinished(() => database.close());
  const [node, another] = [
    new PresenceRepository({ database, nodeId: randomUUID() }),
    new PresenceRepository({ database, nodeId: randomUUID() }),
  ];
  const ids = Array.from({ length: 8 }, () => randomUUID()).toSorted();
  await node.renewLease();
  await looking.query("UPDATE node_lease SET renewed_at = now() - interval '6 minutes'");
  const ways = [() => another.sweepGone(), () => node.leave(ids.toReversed().map((deviceId) => ({ deviceId, agoMs: 0 })))];
  for (const way of ways) {
    await node.enter(ids.toReversed().map((deviceId) => ({ deviceId, userId: randomUUID() })));
    const [lowest, ...others] = ids.map((id) => ({ presenceOf: id }));
    await waitsForItAlone(lowest!, others, way);
  }
});
