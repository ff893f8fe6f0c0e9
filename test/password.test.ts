import { readdirSync, readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { PasswordHasher, type PasswordHasherOptions } from '../src/auth/password-hasher.js';
import { canBePassword, requirePassword } from '../src/auth/password.js';

test.for(['12345678', '😀'.repeat(8), 'a'.repeat(72), 'é'.repeat(36), '😀'.repeat(18), '        '])('%j can be a password', (given) => {
  expect(canBePassword(given)).toBe(true);
  expect(requirePassword('next', given)).toBe(given);
});

test.for(['', '1234567', '😀'.repeat(7), 'a'.repeat(73), `${'é'.repeat(36)}a`, '😀'.repeat(19), '1234567\0', '1234567\ud800'])(
  '%j cannot be a password',
  (given) => {
    expect(canBePassword(given)).toBe(false);
    expect(() => requirePassword('next', given)).toThrow(expect.objectContaining({ code: 'BAD_INPUT', details: { field: 'next' } }));
  },
);

test('a password opens what it was hashed to, and nothing else does', async () => {
  const hasher = await createHasher({ cost: 4 });
  const long = 'a'.repeat(72);
  const hash = await hasher.hash(long);
  expect(await hasher.matches(long, hash)).toBe(true);
  expect(await hasher.matches(`${long}b`, hash)).toBe(false);
  expect(await hasher.matches('a'.repeat(71), hash)).toBe(false);
  expect(await hasher.matches('', await hasher.hash(''))).toBe(false);
});

test('who has a password is looked up when it is their turn, and whoever is refused is not looked up', async () => {
  const hasher = await createHasher({ cost: 8, concurrency: 1, queueLimit: 1 });
  const passwordHash = await hasher.hash('correct horse');
  const looked: string[] = [];
  const attempt = (name: string, password: string, isThere = true) =>
    hasher.verified(password, () => {
      looked.push(name);
      return Promise.resolve(isThere ? { name, passwordHash } : null);
    });
  const first = attempt('first', 'correct horse');
  const second = attempt('second', 'wrong horse');
  await expect(attempt('third', 'correct horse')).rejects.toMatchObject({ code: 'TOO_BUSY' });
  expect(looked).toEqual(['first']);
  expect(await first).toEqual({ name: 'first', passwordHash });
  expect(await second).toBeNull();
  expect(await attempt('nobody', 'correct horse', false)).toBeNull();
  expect(looked).toEqual(['first', 'second', 'nobody']);
});

test('whoever would wait for too long is refused, however few wait', async () => {
  const hasher = await createHasher({ cost: 8, concurrency: 1, longestWaitMs: 5 });
  const first = hasher.hash('correct horse');
  await expect(hasher.hash('correct horse')).rejects.toMatchObject({ code: 'TOO_BUSY', details: { retryAfterMs: expect.any(Number) } });
  await first;
  await expect(hasher.hash('correct horse')).resolves.toMatch(/^\$2b\$08\$/);
});

test('the first to sign in do not wait for the start of a thread, nor are they refused for it', async () => {
  const hasher = newHasher({ cost: 4, concurrency: 1, longestWaitMs: 150 });
  await hasher.hash('correct horse');
  const hashes = await Promise.all(Array.from({ length: 10 }, () => hasher.hash('correct horse')));
  expect(hashes).toHaveLength(10);
});

test('at most so many hashes run at once, so many wait their turn, and the next is told when to come back', async () => {
  const hasher = await createHasher({ cost: 8, concurrency: 2, queueLimit: 3 });
  const found = Promise.withResolvers<null>();
  let begun = 0;
  const accepted = Array.from({ length: 5 }, () =>
    hasher.verified('correct horse', () => {
      begun += 1;
      return found.promise;
    }),
  );
  await expect(hasher.hash('correct horse')).rejects.toMatchObject({ code: 'TOO_BUSY', details: { retryAfterMs: expect.any(Number) } });
  await expect(hasher.matches('correct horse', '')).rejects.toMatchObject({ code: 'TOO_BUSY' });
  expect(begun).toBe(2);
  found.resolve(null);
  await Promise.all(accepted);
  expect(begun).toBe(5);
  await expect(hasher.hash('correct horse')).resolves.toMatch(/^\$2b\$08\$/);
});

test('who waits at a node that is about to stop is told to try again, and whoever is at it is answered', async () => {
  let isDraining = false;
  const hasher = await createHasher({ cost: 8, concurrency: 1, isDraining: () => isDraining });
  const first = hasher.hash('correct horse');
  const waiting = [hasher.hash('second'), hasher.hash('third')];
  isDraining = true;
  expect(await first).toMatch(/^\$2b\$08\$/);
  for (const refused of waiting) await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(hasher.hash('correct horse')).resolves.toMatch(/^\$2b\$08\$/);
});

test.runIf(process.platform === 'linux')('hashes have a low priority', async () => {
  const before = threadsOfLowPriority();
  await createHasher({ cost: 4, concurrency: 2 });
  expect(threadsOfLowPriority()).toBe(before + 2);
});

function newHasher(options: PasswordHasherOptions): PasswordHasher {
  const hasher = new PasswordHasher(options);
  onTestFinished(() => hasher.stop());
  return hasher;
}

/** One whose threads have started. */
async function createHasher(options: PasswordHasherOptions): Promise<PasswordHasher> {
  const hasher = newHasher(options);
  await Promise.all(Array.from({ length: options.concurrency ?? 1 }, () => hasher.hash('correct horse')));
  return hasher;
}

/** Field 19 of /proc/[pid]/stat, see proc_pid_stat(5). */
function threadsOfLowPriority(): number {
  const stats = readdirSync('/proc/self/task').map((id) => readFileSync(`/proc/self/task/${id}/stat`, 'utf8'));
  return stats.filter((stat) => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16] === '10').length;
}
