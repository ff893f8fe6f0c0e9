import { expect, test } from 'vitest';
import { runSql } from '../support/database.js';
import { signUp } from '../support/device.js';
import { figures } from '../support/figures.js';
import { NetworkIsland } from '../support/network-island.js';
import { watchPresence } from '../support/presence.js';
import { type ServerProcess, startProcessForTest } from '../support/server-process.js';
import { until } from '../support/until.js';

const freedWithinMs = 30_000;
/** A device whose socket is gone may be on its way back for so long, and whoever watches looks once a second. */
const offlineWithinMs = freedWithinMs + 6_000;

/** A phone that takes every call, and says how it fares. */
const phone = (url: string): string => `
  import { Switchboard } from './dist/client/index.js';
  const say = (line) => console.log(JSON.stringify(line));
  const phone = new Switchboard({ url: '${url}', createPeerConnection: null });
  phone.on('connection', (state) => say({ state }));
  phone.on('error', () => undefined);
  phone.on('incoming', (call) => {
    call.on('signal', ({ payload }) => say({ payload }));
    void call.accept();
  });
  await phone.register({ username: 'islander', password: 'correct horse' });
  await phone.ready();
  say({ userId: phone.user.id });
`;

interface Line {
  readonly userId?: string;
  readonly state?: string;
  readonly payload?: string;
}

test('a connection that is cut so that neither side hears of it is given up by both, and nothing is lost', async () => {
  const island = await NetworkIsland.raiseForTest();
  const server = await startProcessForTest({ environment: { HOST: '0.0.0.0' } });
  const lines: (Line & { readonly atMs: number })[] = [];
  const last = (name: keyof Line): string | undefined => lines.findLast((line) => line[name] !== undefined)?.[name];
  const heard = (): unknown[] => lines.flatMap(({ payload }) => payload ?? []);
  await island.start(phone(`http://${island.host}:${server.port}/graphql`), (line) =>
    lines.push({ ...(line as Line), atMs: performance.now() }),
  );
  const userId = await until('the phone on the island', () => last('userId'));

  const ana = await signUp(server, 'ana');
  await ana.connect();
  const ben = { userId, seen: await watchPresence(ana, [{ userId }]) };
  const isOnline = (): boolean | undefined => ben.seen.seen.at(-1)?.online;
  await until('the phone to be online', () => isOnline() === true);
  const call = await ana.ring(ben);
  await ana.heard('ANSWERED', call.id);
  await ana.stream(call.id, 'CUSTOM', 'before');
  await until('the first signal', () => heard().includes('before'));
  expect(await socketsOf(server)).toBe(2);

  await island.cut();
  const cutAt = performance.now();
  const said = ['before', ...Array.from({ length: 20 }, (_, n) => `into the void ${n}`)];
  for (const payload of said.slice(1)) await ana.stream(call.id, 'CUSTOM', payload);
  const sinceCut = async (what: string, look: () => unknown): Promise<number> => {
    await until(what, look, { withinMs: offlineWithinMs + 5_000, everyMs: 100 });
    return Math.round(performance.now() - cutAt);
  };
  const [freedMs, offlineMs, noticedMs] = await Promise.all([
    sinceCut('the server to free the socket', async () => (await socketsOf(server)) === 1),
    sinceCut('the phone to be offline', () => isOnline() === false),
    sinceCut('the phone to notice', () => last('state') !== 'connected'),
  ]);
  expect(heard()).toEqual(['before']);

  await island.mend();
  const mendedAt = performance.now();
  await until('the phone to be back', () => last('state') === 'connected', { withinMs: 30_000 });
  await until('what was said', () => heard().length >= said.length);
  const backMs = Math.round(performance.now() - mendedAt);
  await until('the phone to be online again', () => isOnline() === true);
  said.push('and after');
  await ana.stream(call.id, 'CUSTOM', 'and after');
  await until('what is said afterwards', () => heard().length >= said.length);

  figures('half-open TCP: a cable that carries nothing any more', {
    'socket freed by the server (within 30,000 ms)': `${freedMs} ms`,
    'device shown offline (6,000 ms later)': `${offlineMs} ms`,
    'noticed by the phone (within 16,000 ms)': `${noticedMs} ms`,
    'all signals there after the cable was mended': `${backMs} ms`,
  });
  expect(heard()).toEqual(said);
  expect(await socketsOf(server)).toBe(2);
  expect(freedMs).toBeLessThan(freedWithinMs);
  expect(offlineMs).toBeLessThan(offlineWithinMs);
  expect(noticedMs).toBeLessThan(16_000);
  expect(await runSql(server.databaseUrl, `SELECT status FROM call`)).toEqual([{ status: 'ACTIVE' }]);
  await ana.leave();
});

async function socketsOf(server: ServerProcess): Promise<number> {
  const text = await (await fetch(new URL('/metrics', server.url))).text();
  return Number(/^switchboard_sockets (\d+)$/m.exec(text)?.[1]);
}
