import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ExpiringMap } from '../src/auth/expiring-map.js';
import { loadOrCreateDevelopmentKeys } from '../src/auth/signing-secret.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'secret-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

test('a development key is made once, for its owner to read only, and is the same at the next start', async () => {
  const folder = join(dataDir, 'made', 'anew');
  const [key] = await loadOrCreateDevelopmentKeys(folder);
  expect(key?.secret).toMatch(/^[0-9a-f]{64}$/);
  expect((await stat(join(folder, 'jwt-secret'))).mode & 0o777).toBe(0o600);
  expect(await loadOrCreateDevelopmentKeys(folder)).toEqual([key]);
  expect(await readdir(folder)).toEqual(['jwt-secret']);
});

test('servers that start at once, or one while another is at it, have one key', async () => {
  for (let round = 0; round < 8; round += 1) {
    const folder = join(dataDir, String(round));
    const start = async (afterMs: number): Promise<string | undefined> => {
      await setTimeout(afterMs);
      return (await loadOrCreateDevelopmentKeys(folder))[0]?.secret;
    };
    const secrets = await Promise.all(Array.from({ length: 60 }, (_, n) => start(n % 6)));
    expect(new Set(secrets).size).toBe(1);
    expect(await readdir(folder)).toEqual(['jwt-secret']);
  }
});

test.for(['', 'secret\n', `${'0'.repeat(63)}\n`])('a file that holds no key stops the start: %j', async (text) => {
  await writeFile(join(dataDir, 'jwt-secret'), text);
  await expect(loadOrCreateDevelopmentKeys(dataDir)).rejects.toThrow('Delete it to have a new one made');
});

test('a key that others can read is taken from them', async () => {
  const [key] = await loadOrCreateDevelopmentKeys(dataDir);
  await chmod(join(dataDir, 'jwt-secret'), 0o644);
  expect(await loadOrCreateDevelopmentKeys(dataDir)).toEqual([key]);
  expect((await stat(join(dataDir, 'jwt-secret'))).mode & 0o777).toBe(0o600);
});

test('a cache forgets what has ended, and the oldest where it is full', () => {
  const cache = new ExpiringMap<string, number>(2);
  cache.set('a', 1, 100);
  expect([cache.get('a', 99), cache.get('a', 100)]).toEqual([1, undefined]);
  cache.set('a', 1, 100);
  cache.set('b', 2, 100);
  cache.set('a', 3, 100);
  cache.set('c', 4, 100);
  expect(['a', 'b', 'c'].map((key) => cache.get(key, 0))).toEqual([3, undefined, 4]);
});
