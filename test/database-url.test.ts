import { expect, test } from 'vitest';
import { Database } from '../src/db/database.js';
import { migrate } from '../src/db/migrate.js';
import { entities } from '../src/storage.js';
import { createDatabase } from './support/database.js';

test('a URL that asks for TLS is never connected without it', async () => {
  const url = `${await createDatabase()}?sslmode=verify-full`;
  await expect(migrate(url, [])).rejects.toThrow('does not support SSL');
  await expect(Database.open(url, entities)).rejects.toThrow('does not support SSL');
});
