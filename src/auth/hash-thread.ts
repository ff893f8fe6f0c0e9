import bcrypt from 'bcrypt';

/** What the threads of PasswordHasher do. At a stretch: the four threads of libuv are left to DNS and files. */
export function hash({ password, cost }: { password: string; cost: number }): string {
  return bcrypt.hashSync(password, cost);
}

export function compare({ password, passwordHash }: { password: string; passwordHash: string }): boolean {
  return bcrypt.compareSync(password, passwordHash);
}
