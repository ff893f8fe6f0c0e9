import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview } from 'vite';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { openBrowser, openPage, seesTheOther } from '../support/browser.js';
import { root } from '../support/build.js';
import { ServerProcess, startProcessForTest } from '../support/server-process.js';
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
    until(line, async () => (await page.locator('#log').textContent())?.includes(line));
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

const settings = { configFile: false, root: join(root, 'examples/react'), logLevel: 'warn' } as const;

/** As an application would be built, into a folder that is gone with the test. */
async function buildReact(input: string): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'switchboard-react-'));
  onTestFinished(() => rm(outDir, { recursive: true }));
  await build({
    ...settings,
    // React in its development build: that one runs effects twice in strict mode.
    mode: 'development',
    define: { 'process.env.NODE_ENV': '"development"' },
    oxc: { jsx: { runtime: 'automatic', importSource: 'react' } },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2024',
      minify: false,
      rolldownOptions: { input, output: { entryFileNames: '[name].js' } },
    },
  });
  return outDir;
}

/** The example on an origin of its own; its address. */
async function serveReact(): Promise<string> {
  const outDir = await buildReact(join(root, 'examples/react/index.html'));
  const served = await preview({ ...settings, build: { outDir }, preview: { host: '127.0.0.1', port: 0 } });
  onTestFinished(() => served.close());
  return served.resolvedUrls!.local[0]!;
}

test('two tabs with the React hook see each other, from another origin than the server, in strict mode', async () => {
  const address = await serveReact();
  const allowing = await startProcessForTest({ environment: { CORS_ORIGINS: new URL(address).origin } });
  const context = await browser.newContext();
  const [ana, ben] = await Promise.all(
    ['ana', 'ben'].map(() => openPage(context, `${address}?server=${encodeURIComponent(allowing.url)}`)),
  );
  const status = (page: typeof ana) => page!.page.getByRole('status').textContent();
  await until('both connected', async () => (await Promise.all([ana, ben].map(status))).every((text) => text?.includes('connected')));
  const username = (await status(ben))!.split(',')[0]!.trim();
  const dial = async (name: string) => {
    await ana!.page.getByLabel('Username').fill(name);
    await ana!.page.getByRole('button', { name: 'Call' }).click();
  };
  await dial(username);
  await ben!.page.getByRole('button', { name: 'Accept' }).click();
  await Promise.all([ana, ben].map((one) => seesTheOther(one!.page, '#theirs')));
  await ben!.page.getByRole('button', { name: 'Hang up' }).click();
  // Both are back at the form, with the camera off.
  await Promise.all([ana, ben].map((one) => one!.page.getByLabel('Username').waitFor()));
  for (const one of [ana, ben]) {
    await until('the camera is off', () => one!.page.evaluate(() => document.querySelector<HTMLVideoElement>('#mine')?.srcObject === null));
  }

  await dial(username);
  await ben!.page.getByRole('button', { name: 'Decline' }).click();
  await ana!.page.getByLabel('Username').waitFor();
  await dial('nobody-of-that-name');
  await until('the refusal', async () => (await status(ana))?.includes('There is no user'));
  for (const one of [ana, ben]) expect(one!.faults).toEqual([]);
});

test('the React hook listens once where it is mounted, and not at all where it is not, in strict mode', async () => {
  const outDir = await buildReact(join(root, 'test/browser/mounted-hook.ts'));
  const { page, faults } = await openPage(await browser.newContext(), 'about:blank');
  await page.addScriptTag({ path: join(outDir, 'mounted-hook.js'), type: 'module' });
  const counts = await until('the counts', () => page.title());
  // Three events are listened to.
  expect(counts).toBe('3 0 3 0 3 0');
  expect(faults).toEqual([]);
});
