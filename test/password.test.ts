import { expect, test } from 'vitest';
import { PasswordHasher } from '../src/auth/password-hasher.js';
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
  const hasher = await PasswordHasher.create({ cost: 4 });
  const long = 'a'.repeat(72);
  const hash = await hasher.hash(long);
  expect(await hasher.matches(long, hash)).toBe(true);
  expect(await hasher.matches(`${long}b`, hash)).toBe(false);
  expect(await hasher.matches('a'.repeat(71), hash)).toBe(false);
  expect(await hasher.matches(long, null)).toBe(false);
  expect(await hasher.matches('', await hasher.hash(''))).toBe(false);
});

test('at most so many hashes run at once, so many wait their turn, and the next is told when to come back', async () => {
  const hasher = await PasswordHasher.create({ cost: 8, concurrency: 2, queueLimit: 3 });
  const finished: number[] = [];
  const accepted = [0, 1, 2, 3, 4].map(async (n) => {
    await hasher.hash('correct horse');
    finished.push(n);
  });
  await expect(hasher.hash('correct horse')).rejects.toMatchObject({ code: 'TOO_BUSY', details: { retryAfterMs: expect.any(Number) } });
  await expect(hasher.matches('correct horse', null)).rejects.toMatchObject({ code: 'TOO_BUSY' });
  await accepted[0];
  expect(finished.length).toBeLessThanOrEqual(2);
  await Promise.all(accepted);
  expect(finished).toHaveLength(5);
  await expect(hasher.hash('correct horse')).resolves.toMatch(/^\$2b\$08\$/);
});
