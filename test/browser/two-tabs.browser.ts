import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBrowser, openPage, seesTheOther } from '../support/browser.js';
import { root } from '../support/build.js';
import { startProcessForTest } from '../support/server-process.js';
import { until } from '../support/until.js';

test('the ten lines of the README are a video call between two tabs, as they stand', async () => {
  const server = await startProcessForTest();
  await using browser = await openBrowser();
  const context = await browser.newContext();
  const address = new URL('/examples/two-tabs/', server.url).href;
  const first = await openPage(context, address);
  const link = await until('the link', () => first.page.locator('a').getAttribute('href'), { withinMs: 10_000 });
  const second = await openPage(context, `${address}${link}`);
  await Promise.all([seesTheOther(first.page), seesTheOther(second.page)]);
  expect([...first.faults, ...second.faults]).toEqual([]);

  const lines = await readFile(join(root, 'examples/two-tabs/index.html'), 'utf8');
  expect(lines.trimEnd().split('\n')).toHaveLength(10);
  expect(await readFile(join(root, 'README.md'), 'utf8')).toContain(`\`\`\`html\n${lines}\`\`\``);
});
