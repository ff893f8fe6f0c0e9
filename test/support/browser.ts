import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { until } from './until.js';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Debian's Chromium, with a camera and a microphone that are not there, or with none at all. */
export function openBrowser({ hasCamera = true }: { hasCamera?: boolean } = {}): Promise<Browser> {
  if (!existsSync(executablePath)) throw new Error(`No Chromium at ${executablePath}: apt-get install chromium, or set CHROMIUM.`);
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--use-fake-ui-for-media-stream',
      ...(hasCamera ? ['--use-fake-device-for-media-stream'] : []),
      '--autoplay-policy=no-user-gesture-required',
      // Host candidates as addresses: a container has no mDNS to resolve names.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
    ],
  });
}

/** For after each test: a call that goes on costs what the next one needs. */
export async function closePages(browser: Browser): Promise<void> {
  await Promise.all(browser.contexts().map((context) => context.close()));
}

/** A page whose faults fail the test that asks for them. */
export async function openPage(context: BrowserContext, url: string): Promise<{ page: Page; faults: string[] }> {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`${message.text()} ${message.location().url}`);
  });
  await page.goto(url);
  return { page, faults };
}

/** Frames that the page has decoded of what the other side sends, by the video element. */
const framesOf = (page: Page, selector = 'video'): Promise<number> =>
  page.locator(selector).evaluate((video: HTMLVideoElement) => video.getVideoPlaybackQuality().totalVideoFrames);

/** Waits until more frames are shown than now. */
export async function seesTheOther(page: Page, selector = 'video'): Promise<void> {
  const before = await framesOf(page, selector);
  await until('frames', async () => (await framesOf(page, selector)) > before + 5, { withinMs: 45_000, everyMs: 100 });
}
