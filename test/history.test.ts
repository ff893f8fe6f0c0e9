import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EndReason } from '../src/client/gql/graphql.js';
import { signUp, type Device } from './support/device.js';
import { letRingOut } from './support/meddle.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const people = () => Promise.all(['ana', 'ben', 'cleo'].map((name) => signUp(server, name))) as Promise<[Device, Device, Device]>;

async function pastCall(caller: Device, callee: Device, ending: EndReason | null = null, by = caller): Promise<string> {
  const { id } = await caller.ring(callee);
  if (ending === 'NO_ANSWER') {
    await letRingOut(server, id);
    await until('the end', async () => (await caller.call(id))?.status === 'ENDED');
  } else if (ending === 'HUNG_UP') {
    await callee.accept(id);
    await by.end(id);
  } else {
    await by.end(id, ending);
  }
  return id;
}

const idsOf = ({ edges }: Awaited<ReturnType<Device['history']>>) => edges.map(({ node }) => node.id);

test('the history holds both directions, the newest first', async () => {
  const [ana, ben, cleo] = await people();
  const ids = [await pastCall(ana, ben), await pastCall(cleo, ana), await pastCall(ana, cleo)];
  const { id } = await ben.ring(ana);
  const history = await ana.history();
  expect(idsOf(history)).toEqual([id, ...ids.toReversed()]);
  expect(history.edges.map(({ node }) => node.direction)).toEqual(['INCOMING', 'OUTGOING', 'INCOMING', 'OUTGOING']);
  expect(history.pageInfo).toEqual({ endCursor: history.edges.at(-1)?.cursor, hasNextPage: false });
});

test('pages follow one another without a gap or a repetition, whatever is added meanwhile', async () => {
  const [ana, ben, cleo] = await people();
  const ids: string[] = [];
  for (let n = 0; n < 7; n += 1) ids.unshift(await pastCall(n % 2 === 0 ? ana : ben, n % 2 === 0 ? ben : ana));
  const seen: string[] = [];
  let after: string | null = null;
  for (let page = 0; ; page += 1) {
    const { edges, pageInfo } = await ana.history(null, 3, after);
    seen.push(...edges.map(({ node }) => node.id));
    expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor);
    after = pageInfo.endCursor ?? null;
    await pastCall(cleo, ana);
    expect(pageInfo.hasNextPage).toBe(page < 2);
    if (!pageInfo.hasNextPage) break;
  }
  expect(seen).toEqual(ids);
});

test('a page that holds exactly the rest says that nothing follows, and a page behind the end is empty', async () => {
  const [ana, ben] = await people();
  await pastCall(ana, ben);
  await pastCall(ana, ben);
  const all = await ana.history(null, 2);
  expect(all.pageInfo.hasNextPage).toBe(false);
  expect(await ana.history(null, 2, all.pageInfo.endCursor ?? null)).toEqual({
    edges: [],
    pageInfo: { endCursor: null, hasNextPage: false },
  });
});

test('each filter narrows the history, and they narrow it together', async () => {
  const [ana, ben, cleo] = await people();
  const cancelled = await pastCall(ben, ana, 'CANCELLED');
  const unanswered = await pastCall(cleo, ana, 'NO_ANSWER');
  const declined = await pastCall(ben, ana, 'DECLINED', ana);
  const hungUp = await pastCall(ben, ana, 'HUNG_UP');
  const outgoing = await pastCall(ana, ben, 'CANCELLED');
  const { id: standing } = await ana.ring(cleo);
  const busy = (await ben.ring(ana)).id;
  const of = async (filter: Parameters<Device['history']>[0]) => idsOf(await ana.history(filter));
  expect(await of({ missed: true })).toEqual([busy, unanswered, cancelled]);
  expect(await of({ missed: false })).toEqual([standing, outgoing, hungUp, declined]);
  expect(await of({ direction: 'OUTGOING' })).toEqual([standing, outgoing]);
  expect(await of({ direction: 'INCOMING' })).toEqual([busy, hungUp, declined, unanswered, cancelled]);
  expect(await of({ endReason: 'CANCELLED' })).toEqual([outgoing, cancelled]);
  expect(await of({ with: cleo.userId })).toEqual([standing, unanswered]);
  expect(await of({ with: cleo.userId.toUpperCase() })).toEqual([standing, unanswered]);
  expect(await of({ with: ben.userId, missed: true, direction: 'INCOMING', endReason: 'CANCELLED' })).toEqual([cancelled]);
  expect(await of({ direction: 'OUTGOING', missed: true })).toEqual([]);
  expect(await of({ with: 'nobody' })).toEqual([]);
  expect(await of({ direction: null, missed: null, endReason: null, with: null })).toHaveLength(7);
  const page = await ana.history({ missed: true }, 1);
  expect(page.pageInfo.hasNextPage).toBe(true);
  expect(idsOf(await ana.history({ missed: true }, 10, page.pageInfo.endCursor ?? null))).toEqual([unanswered, cancelled]);
});

test('whatever the filters, a page holds what the whole history holds of it, from the first page and from the middle', async () => {
  const [ana, ben, cleo] = await people();
  for (const ending of ['CANCELLED', 'HUNG_UP', 'NO_ANSWER'] as const) {
    for (const other of [ben, cleo]) {
      await pastCall(ana, other, ending);
      await pastCall(other, ana, ending);
    }
  }
  const whole = (await ana.history()).edges;
  expect(whole).toHaveLength(12);
  const middle = whole[5]!.cursor;
  for (const direction of [null, 'INCOMING', 'OUTGOING'] as const) {
    for (const missed of [null, true, false]) {
      for (const endReason of [null, 'NO_ANSWER'] as const) {
        for (const counterpart of [null, ben]) {
          const fits = whole.filter(
            ({ node }) =>
              (direction === null || node.direction === direction) &&
              (missed === null || node.missed === missed) &&
              (endReason === null || node.endReason === endReason) &&
              (counterpart === null || [node.caller.id, node.callee.id].includes(counterpart.userId)),
          );
          const filter = { direction, missed, endReason, with: counterpart?.userId ?? null };
          expect((await ana.history(filter)).edges).toEqual(fits);
          expect((await ana.history(filter, 20, middle)).edges).toEqual(fits.filter((edge) => whole.indexOf(edge) > 5));
        }
      }
    }
  }
});

const encoded = (text: string) => Buffer.from(text).toString('base64url');
test.for([
  '',
  'x',
  '0'.repeat(32),
  encoded('1700000000000'),
  encoded('1700000000000.not-a-uuid'),
  encoded('-1.00000000-0000-4000-8000-000000000000'),
  encoded('999999999999999.00000000-0000-4000-8000-000000000000'),
  encoded('1700000000000.00000000-0000-4000-8000-000000000000; DROP TABLE call'),
  '\ud800',
])('a malformed cursor is refused by name: %j', async (after) => {
  const ana = await signUp(server);
  await expect(ana.history(null, 20, after)).rejects.toMatchObject({ extensions: { code: 'BAD_INPUT', field: 'after' } });
});

test('a page has 1 to 100 calls', async () => {
  const ana = await signUp(server);
  for (const first of [0, 101, -1]) {
    await expect(ana.history(null, first)).rejects.toMatchObject({ extensions: { code: 'BAD_INPUT', field: 'first' } });
  }
  for (const first of [1, 100, null]) expect((await ana.history(null, first)).edges).toEqual([]);
});

test('the timeline says what happened in order, who did it and how large a signal was, never what was in it', async () => {
  const [ana, ben] = await people();
  await ben.connect();
  const { id } = await ana.ring(ben);
  await ben.heard('RINGING', id);
  await ana.send(id, 'OFFER', 'an öffer');
  await ben.send(id, 'ANSWER', 'an answer of secrets');
  await ben.send(id, 'ICE_CANDIDATE', 'candidate:1');
  await ana.send(id, 'ICE_CANDIDATE', '');
  await ana.send(id, 'CUSTOM', 'x'.repeat(32_768));
  await ben.end(id, 'HUNG_UP', 'bye');
  const timeline = await ana.timeline(id);
  const [a, b] = [
    { user: { id: ana.userId }, deviceId: ana.id },
    { user: { id: ben.userId }, deviceId: ben.id },
  ];
  expect(timeline).toMatchObject([
    { kind: 'CREATED', ...a, bytes: null, detail: null },
    { kind: 'RINGING', ...b, bytes: null },
    { kind: 'OFFER', ...a, bytes: 9 },
    { kind: 'ANSWERED', ...b, bytes: null },
    { kind: 'ANSWER', ...b, bytes: 20 },
    { kind: 'ICE_CANDIDATE', ...b, bytes: 11 },
    { kind: 'ICE_CANDIDATE', ...a, bytes: 0 },
    { kind: 'CUSTOM', ...a, bytes: 32_768 },
    { kind: 'ENDED', ...b, bytes: null, detail: 'bye' },
  ]);
  expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).toSorted());
  expect(await ben.timeline(id)).toEqual(timeline);
  for (const text of ['öffer', 'secrets', 'candidate:1', 'xxx']) expect(JSON.stringify(timeline)).not.toContain(text);
});

test('the timeline of a talkative call is bounded and keeps how the call began and ended', { timeout: 30_000 }, async () => {
  const [ana, ben] = await people();
  await Promise.all([ana.connect(), ben.connect()]);
  const { id } = await ana.ring(ben);
  await ben.accept(id);
  const talk = (device: Device) => Promise.all(Array.from({ length: 600 }, (_, n) => device.stream(id, 'CUSTOM', `${n}`)));
  await Promise.all([talk(ana), talk(ben)]);
  await ana.end(id);
  const kinds = (await ana.timeline(id)).map(({ kind }) => kind);
  expect(kinds.length).toBeLessThanOrEqual(1_000);
  expect(kinds.length).toBeGreaterThan(900);
  expect(kinds.filter((kind) => kind !== 'CUSTOM' && kind !== 'RINGING')).toEqual(['CREATED', 'ANSWERED', 'ENDED']);
  expect(kinds.at(-1)).toBe('ENDED');
});
