import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { openBrowser, openPage } from '../support/browser.js';
import { ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

let server: ServerProcess;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([ServerProcess.start(), openBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await server.kill();
});

test('two tabs of the page without a library talk, lose their sockets, and hang up', async () => {
  const context = await browser.newContext();
  const address = new URL('/examples/plain/', server.url).href;
  const first = await openPage(context, address);
  const link = await until('the link', () => first.page.locator('#link').getAttribute('href'), { withinMs: 10_000 });
  const second = await openPage(context, `${address}${link}`);
  const tabs = [first.page, second.page];
  const says = (page: (typeof tabs)[number], line: string) =>
    until(line, async () => (await page.locator('#log').textContent())?.includes(line), { withinMs: 15_000 });
  await Promise.all(tabs.map((page) => says(page, 'connected to the other tab')));
  await second.page.locator('#text').fill('hello');
  await second.page.locator('#text').press('Enter');
  await says(first.page, 'they: hello');

  // The server is gone for a while and its events are not: the end of the call comes by the resumed inbox.
  await server.kill();
  await Promise.all(tabs.map((page) => until('the loss', async () => (await page.locator('#state').textContent()) === 'waiting')));
  await second.page.locator('#hang-up').click();
  await server.startAgain();
  await Promise.all(tabs.map((page) => says(page, 'over: HUNG_UP')));
  for (const { page, faults } of [first, second]) {
    expect(await page.locator('#state').textContent()).toBe('connected');
    expect(faults.filter((fault) => !fault.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
  }
});
