import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCall } from '../src/calls/create-call.sql.js';
import { webhooksSetting } from '../src/webhooks/write-webhook.sql.js';
import { runSql } from './support/database.js';
import { signUp, type Device } from './support/device.js';
import { letRingOut, seemLongAgo } from './support/meddle.js';
import { startServer, startServerForTest, type TestServer } from './support/server.js';
import { SqlConnection } from './support/sql-connection.js';
import { until } from './support/until.js';
import { WebhookReceiver, webhookSecret } from './support/webhook-receiver.js';

let receiver: WebhookReceiver;
let server: TestServer;
beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  server = await startServer(receiver.environment);
});
afterAll(async () => {
  await server.stop();
  await receiver.stop();
});

const people = (...names: string[]) => Promise.all(names.map((name) => signUp(server, name))) as Promise<[Device, Device, Device, Device]>;
const waiting = (callId: string) => runSql(server.databaseUrl, 'SELECT 1 FROM webhook_outbox WHERE call_id = $1', [callId]);
/** The types of all webhooks of a call that is over. */
async function wholeStory(callId: string): Promise<string[]> {
  await receiver.got('call.ended', callId);
  await until('the outbox to be empty', async () => (await waiting(callId)).length === 0);
  return receiver.typesOf(callId);
}

test('each change of a call is told once, in order, signed, with the call as it was then', async () => {
  const [ana, ben] = await people('ana', 'ben');
  await ben.connect();
  const { id } = await ana.ring(ben, { media: 'VIDEO', metadata: 'not to be told' });
  await receiver.got('call.ringing', id);
  await ben.accept(id);
  await receiver.got('call.answered', id);
  await ben.end(id);
  await wholeStory(id);

  const call = (await ana.call(id))!;
  const data = {
    callId: id,
    callerId: ana.userId,
    calleeId: ben.userId,
    media: 'VIDEO',
    endReason: null,
    ringExpiresAt: call.ringExpiresAt,
  };
  const expected = [
    { type: 'call.created', timestamp: call.createdAt, data: { ...data, status: 'CREATED' } },
    { type: 'call.ringing', timestamp: call.ringingAt, data: { ...data, status: 'RINGING' } },
    { type: 'call.answered', timestamp: call.answeredAt, data: { ...data, status: 'ACTIVE' } },
    { type: 'call.ended', timestamp: call.endedAt, data: { ...data, status: 'ENDED', endReason: 'HUNG_UP' } },
  ];
  const heard = receiver.of(id);
  expect(heard.map(({ raw }) => JSON.parse(raw) as unknown)).toEqual(expected);
  for (const { timestamp, data: told } of heard) {
    for (const instant of [timestamp, told['ringExpiresAt']]) expect(instant).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }

  expect(new Set(heard.map((each) => each.id)).size).toBe(4);
  for (const { headers, raw } of heard) {
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(raw)}` });
    expect(headers['webhook-id']).toMatch(/^[\w-]+$/);
    expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1_000)).toBeLessThan(30);
    expect(headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
    expect(new Webhook(webhookSecret).verify(raw, headers)).toEqual(JSON.parse(raw));
    expect(() => new Webhook(webhookSecret).verify(raw.replace('VIDEO', 'AUDIO'), headers)).toThrow('No matching signature');
  }
});

test('it is told whether or not somebody is online: a call that nobody received is created and ended', async () => {
  const [ana, ben] = await people('ana', 'ben');
  const { id } = await ana.ring(ben);
  await receiver.got('call.created', id);
  await ana.end(id);
  expect(await wholeStory(id)).toEqual(['call.created', 'call.ended']);
  expect(receiver.of(id)[1]?.data).toMatchObject({ status: 'ENDED', endReason: 'CANCELLED' });
});

test('ringing is told once, however many devices ring', async () => {
  const [ana, ben] = await people('ana', 'ben');
  const tablet = await ben.another('tablet');
  await Promise.all([ben.connect(), tablet.connect()]);
  const { id } = await ana.ring(ben);
  await Promise.all([ben.heard('RINGING', id), tablet.heard('RINGING', id)]);
  await tablet.end(id);
  expect(await wholeStory(id)).toEqual(['call.created', 'call.ringing', 'call.ended']);
  expect(receiver.of(id)[2]?.data).toMatchObject({ endReason: 'DECLINED' });
});

test('an ANSWER that accepts is told as an answer, other signals are not told at all', async () => {
  const [ana, ben] = await people('ana', 'ben');
  const { id } = await ana.ring(ben);
  await ana.send(id, 'OFFER', 'the offer');
  await ben.send(id, 'ANSWER', 'the answer');
  await ana.send(id, 'CUSTOM', 'hello');
  await ana.end(id);
  expect(await wholeStory(id)).toEqual(['call.created', 'call.answered', 'call.ended']);
  expect(JSON.stringify(receiver.of(id))).not.toMatch(/the offer|the answer|hello/);
});

test('of a blocked caller’s call nothing is told, whatever becomes of it', async () => {
  const [ana, ben, cleo] = await people('ana', 'ben', 'cleo');
  await ben.block(ana);
  const hidden = await ana.ring(ben);
  await letRingOut(server, hidden.id);
  await until('the end', async () => (await ana.call(hidden.id))?.status === 'ENDED');
  const other = await ana.ring(cleo);
  await ana.end(other.id);
  await wholeStory(other.id);
  expect(receiver.of(hidden.id)).toEqual([]);
  expect(await waiting(hidden.id)).toEqual([]);
});

test('of a call to somebody who is busy the end alone is told', async () => {
  const [ana, ben, cleo] = await people('ana', 'ben', 'cleo');
  await cleo.ring(ben);
  const { id } = await ana.ring(ben);
  expect(await wholeStory(id)).toEqual(['call.ended']);
  expect(receiver.of(id)[0]?.data).toMatchObject({ callerId: ana.userId, calleeId: ben.userId, status: 'ENDED', endReason: 'BUSY' });
});

test('of two who call each other the standing call is told as answered', async () => {
  const [ana, ben] = await people('ana', 'ben');
  const { id } = await ana.ring(ben);
  expect(await ben.ring(ana)).toMatchObject({ id, status: 'ACTIVE' });
  await ana.end(id);
  expect(await wholeStory(id)).toEqual(['call.created', 'call.answered', 'call.ended']);
  const others = receiver.heard.filter(({ data }) => data.calleeId === ana.userId);
  expect(others).toEqual([]);
});

test('a call that rings out is told as NO_ANSWER', async () => {
  const [ana, ben] = await people('ana', 'ben');
  const { id } = await ana.ring(ben);
  await letRingOut(server, id);
  expect(await wholeStory(id)).toEqual(['call.created', 'call.ended']);
  expect(receiver.of(id)[1]?.data).toMatchObject({ endReason: 'NO_ANSWER' });
});

test('a call whose device is gone is told as SIGNALING_LOST, one of a revoked device as TERMINATED', async () => {
  const [ana, ben, cleo, dora] = await people('ana', 'ben', 'cleo', 'dora');
  const [lost, revoked] = await Promise.all([ana.ring(ben), cleo.ring(dora)]);
  await Promise.all([ben.accept(lost.id), dora.accept(revoked.id)]);
  await runSql(server.databaseUrl, "UPDATE node_lease SET held_since = held_since - interval '1 hour'");
  await seemLongAgo(server, [ana, ben]);
  const laptop = await dora.another('laptop');
  await laptop.ask('mutation ($id: ID!) { revokeDevice(id: $id) }', { id: dora.id });
  expect(await wholeStory(lost.id)).toEqual(['call.created', 'call.answered', 'call.ended']);
  expect(receiver.of(lost.id)[2]?.data).toMatchObject({ endReason: 'SIGNALING_LOST' });
  expect(await wholeStory(revoked.id)).toEqual(['call.created', 'call.answered', 'call.ended']);
  expect(receiver.of(revoked.id)[2]?.data).toMatchObject({ endReason: 'TERMINATED' });
});

test('what is refused, and a key that is used again, are not told', async () => {
  const [ana, ben, cleo] = await people('ana', 'ben', 'cleo');
  const { id } = await ana.ring(ben, { key: 'once' });
  expect(await ana.ring(ben, { key: 'once' })).toMatchObject({ id });
  await expect(ana.ring(cleo)).rejects.toMatchObject({ code: 'ALREADY_IN_CALL' });
  await ana.end(id);
  await ana.end(id);
  await expect(ben.accept(id)).rejects.toMatchObject({ code: 'CALL_STATE_CONFLICT' });
  expect(await wholeStory(id)).toEqual(['call.created', 'call.ended']);
  expect(receiver.heard.filter(({ data }) => data.calleeId === cleo.userId)).toEqual([]);
});

test('a webhook is written with the change or not at all: what is rolled back leaves none', async ({ onTestFinished }) => {
  const [ana, ben] = await people('ana', 'ben');
  const connection = await SqlConnection.open(server.databaseUrl);
  onTestFinished(() => connection.close());
  const call = `SELECT (call).id FROM ${createCall.name}(gen_random_uuid(), $1, $2, $3, 'AUDIO', NULL, 60, NULL, '', 1000000)`;
  const written = async (setting: string) => {
    await connection.query('BEGIN');
    await connection.query(`SET LOCAL ${webhooksSetting} = '${setting}'`);
    const [made] = await connection.query<{ id: string }>(call, [ana.userId, ana.id, ben.userId]);
    const rows = await connection.query('SELECT kind, tries FROM webhook_outbox WHERE call_id = $1', [made?.id]);
    await connection.query('ROLLBACK');
    expect(await connection.query('SELECT 1 FROM webhook_outbox WHERE call_id = $1', [made?.id])).toEqual([]);
    return rows;
  };
  expect(await written('on')).toEqual([{ kind: 'CREATED', tries: 0 }]);
  expect(await written('off')).toEqual([]);
  expect(receiver.heard.filter(({ data }) => data.calleeId === ben.userId)).toEqual([]);
});

test('a node without a WEBHOOK_URL writes nothing down', async () => {
  const silent = await startServerForTest();
  const [ana, ben] = await Promise.all([signUp(silent, 'ana'), signUp(silent, 'ben')]);
  const { id } = await ana.ring(ben);
  await ben.accept(id);
  await ana.end(id);
  expect(await runSql(silent.databaseUrl, 'SELECT 1 FROM webhook_outbox')).toEqual([]);
});
