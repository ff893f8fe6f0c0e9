import { expect, test } from 'vitest';
import { PostgresBus } from '../src/bus/postgres-bus.js';
import { Database } from '../src/db/database.js';
import { createLogger } from '../src/logger.js';
import { entities } from '../src/storage.js';
import { createDatabase } from './support/database.js';

test('a bus that is stopped while it connects keeps no connection, so the database can be closed', async () => {
  const database = await Database.open(await createDatabase(), entities);
  const bus = new PostgresBus({ database, logger: createLogger('silent') });
  const starting = bus.start();
  await bus.stop();
  await starting;
  const closed = database.close().then(() => 'closed');
  expect(await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 5_000, 'still open'))])).toBe('closed');
});
