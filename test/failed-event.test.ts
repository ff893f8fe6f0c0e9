import { expect, test } from 'vitest';
import { runSql } from './support/database.js';
import { twoInACall } from './support/device.js';
import { startServerForTest } from './support/server.js';
import { until } from './support/until.js';

test('a stream ends behind an event that could not be told, and whoever comes back has it', async () => {
  const server = await startServerForTest();
  const { ana, ben, callId } = await twoInACall(server);
  const streams = () => fetch(new URL('/metrics', server.url)).then((answer) => answer.text());
  const count = async (): Promise<number> => Number(/^\w*subscriptions (\d+)$/m.exec(await streams())?.[1]);
  expect(await count()).toBe(2);

  // Who sent it cannot be looked up.
  await runSql(server.databaseUrl, 'ALTER TABLE account RENAME TO hidden_account');
  await ana.stream(callId, 'CUSTOM', 'first');
  await until("the end of Ben's stream", async () => (await count()) === 1);
  await runSql(server.databaseUrl, 'ALTER TABLE hidden_account RENAME TO account');
  await ana.stream(callId, 'CUSTOM', 'second');
  expect(ben.signals).toEqual([]);

  ben.cut();
  expect(await ben.comeBack()).toMatchObject({ recovered: true });
  await ben.received('second');
  expect(ben.signals.map(({ payload }) => payload)).toEqual(['first', 'second']);
  await Promise.all([ana.leave(), ben.leave()]);
});
