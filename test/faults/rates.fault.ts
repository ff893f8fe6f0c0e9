import { expect, test } from 'vitest';
import { signUp } from '../support/device.js';
import { figures, secondsSince } from '../support/figures.js';
import { RawSocket } from '../support/raw-socket.js';
import { RedisServer } from '../support/redis-server.js';
import { startServerForTest, type TestServer } from '../support/server.js';
import { ask } from '../support/transports.js';
import { until } from '../support/until.js';

async function search(server: TestServer, token: string): Promise<'found' | 'refused'> {
  const { errors } = await ask('HTTP', server, token, '{ users(search: "abc") { id } }');
  if (errors === undefined) return 'found';
  expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
  return 'refused';
}

test('nodes with a Redis count rates together; while it is away each counts for itself, and nobody is refused for that', async () => {
  const redis = await RedisServer.startForTest();
  const environment = { REDIS_URL: redis.url, LIMIT_SEARCHES_PER_MINUTE: '4' };
  const one = await startServerForTest(environment);
  const other = await startServerForTest({ ...environment, DATABASE_URL: one.databaseUrl });
  const together = await signUp(one);
  const answers = [];
  for (const node of [one, other, one, other, one, other]) answers.push(await search(node, together.token));
  expect(answers).toEqual(['found', 'found', 'found', 'found', 'refused', 'refused']);

  await redis.kill();
  const apart = await signUp(one);
  const alone: string[] = [];
  for (const node of [one, one, one, one, one, other, other, other, other, other]) alone.push(await search(node, apart.token));
  const four = ['found', 'found', 'found', 'found', 'refused'];
  expect(alone).toEqual([...four, ...four]);

  await redis.startAgain();
  let again = 0;
  await until(
    'the two to count together again',
    async () => {
      const somebody = await signUp(one);
      const mixed = [];
      for (const node of [one, other, one, other, one]) mixed.push(await search(node, somebody.token));
      again += 1;
      return mixed[4] === 'refused';
    },
    { withinMs: 15_000, everyMs: 500 },
  );
  const frozenAt = performance.now();
  redis.freeze();
  const frozen = await signUp(one);
  expect(await search(one, frozen.token)).toBe('found');
  const tookMs = performance.now() - frozenAt;
  redis.thaw();
  figures('rates of two nodes', {
    'looks until counted together again': again,
    'a request beside a frozen Redis': `${tookMs.toFixed(0)} ms`,
  });
  expect(tookMs).toBeLessThan(1_500);
});

test('a socket that sends 2,000 operations at once is read at its rate, answered, and not taken for dead', async () => {
  const server = await startServerForTest({ LIMIT_OPERATIONS_PER_SECOND: '50', LIMIT_OPERATIONS_BURST: '200' });
  const { token } = await signUp(server);
  const socket = await RawSocket.connect(server.webSocketUrl, token);
  let code: number | null = null;
  void socket.closed.then((closed) => (code = closed.code));
  const startedAt = performance.now();
  for (let n = 0; n < 2_000; n += 1) await socket.send({ id: `${n}`, type: 'subscribe', payload: { query: '{ me { id } }' } });
  const answered = () => socket.frames.filter(({ type }) => type === 'next');
  await until('all answers', () => answered().length === 2_000 || code !== null, { withinMs: 60_000, everyMs: 100 });
  figures('2,000 operations at once, 50 a second allowed', { answered: answered().length, took: secondsSince(startedAt) });
  expect(code).toBe(null);
  expect(new Set(answered().map(({ id }) => id)).size).toBe(2_000);
  expect(performance.now() - startedAt).toBeGreaterThan(34_000);
});
