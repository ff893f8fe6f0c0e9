import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { root } from './support/build.js';
import { startServerForTest } from './support/server.js';

test('the example with graphql-request calls, is woken, reads its inbox page by page, and lists the call', async () => {
  const { url } = await startServerForTest();
  const script = join(root, 'examples/graphql-request/main.ts');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, url], { timeout: 20_000 });
  expect(stderr).toBe('');
  // To read is to ring: that event may come with the first reading or with the second, and show in the first already.
  const told = stdout
    .replace('CREATED by ana, now CREATED', 'CREATED by ana, now RINGING')
    .replace('  RINGING by ana, now RINGING\n', '')
    .replace('  RINGING by ana, now ENDED CANCELLED\n', '');
  expect(told).toBe(`Ana calls Ben.
A push wakes Ben's phone:
  CREATED by ana, now RINGING
  signal OFFER v=0 ...
  signal ICE_CANDIDATE (no more of them)
Ana gives up. Another push:
  ENDED by ana, now ENDED CANCELLED
His history:
  ana CANCELLED, missed
Ben calls himself: BAD_INPUT
`);
});
