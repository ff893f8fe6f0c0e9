import { expect, test } from 'vitest';
import { signUp } from '../support/device.js';
import { watchPresence } from '../support/presence.js';
import { startProcessForTest } from '../support/server-process.js';
import { startServerForTest } from '../support/server.js';
import { until } from '../support/until.js';

test('the devices of a node that is killed are offline within 30 seconds', { timeout: 60_000 }, async () => {
  const node = await startServerForTest();
  const doomed = await startProcessForTest({ environment: { DATABASE_URL: node.databaseUrl } });
  const [ana, ben] = await Promise.all([signUp(node, 'ana'), signUp(doomed, 'ben')]);
  await Promise.all([ana.connect(), ben.connect()]);
  await until('Ben to be online', () => ana.seesOnline(ben));
  const { of } = await watchPresence(ana, [ben]);
  await doomed.kill();
  await until('Ben to be offline', () => of(ben).length === 2, { withinMs: 30_000, everyMs: 100 });
  expect(of(ben)).toEqual([true, false]);
  expect(await ana.seesOnline(ben)).toBe(false);
});
