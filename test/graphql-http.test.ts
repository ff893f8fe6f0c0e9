import { serverAudits } from 'graphql-http';
import { expect, test } from 'vitest';
import { startServerForTest } from './support/server.js';

test('every audit of the GraphQL-over-HTTP specification passes', async () => {
  const { url } = await startServerForTest();
  const results = await Promise.all(serverAudits({ url, fetchFn: fetch }).map(({ fn }) => fn()));
  const failed = results.filter((result) => result.status !== 'ok');
  const count = (status: string) => results.filter((result) => result.status === status).length;
  console.log(`graphql-http: ${count('ok')} ok, ${count('notice')} notices, ${count('warn')} warnings, ${count('error')} errors`);
  for (const { status, id, name, reason } of failed) console.log(`  ${status} ${id} ${name}: ${reason}`);
  // Each comes with the response it was given, which may still be open.
  await Promise.all(failed.map(async ({ response }) => response.body?.cancel().catch(() => undefined)));
  expect(results.length).toBeGreaterThan(50);
  expect(failed.filter(({ status }) => status === 'error').map(({ id, name }) => `${id} ${name}`)).toEqual([]);
});
