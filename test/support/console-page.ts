import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { openPage } from './browser.js';
import { root } from './build.js';
import type { ServerProcess } from './server-process.js';

const folder = join(root, 'test-results/console');
const password = 'correct horse';
const sizes = { wide: { width: 1280, height: 860 }, narrow: { width: 360, height: 740 } } as const;

/** A tab with the console in it, used as a person would: by what its controls are called. */
export class ConsolePage {
  readonly page: Page;
  readonly faults: string[];
  readonly username: string;

  private constructor(page: Page, faults: string[], username: string) {
    this.page = page;
    this.faults = faults;
    this.username = username;
  }

  /** Not signed in yet. */
  static async open(server: ServerProcess, context: BrowserContext, username: string): Promise<ConsolePage> {
    const { page, faults } = await openPage(context, new URL('/', server.url).href);
    await page.setViewportSize(sizes.wide);
    return new ConsolePage(page, faults, username);
  }

  /** Signed in: as a new user, or, by `log in`, as another device of one. */
  static async enter(server: ServerProcess, context: BrowserContext, username: string, mode: 'register' | 'log in' = 'register') {
    const console = await ConsolePage.open(server, context, username);
    await console.signIn(mode);
    return console;
  }

  async signIn(mode: 'register' | 'log in', deviceName = 'Test browser'): Promise<void> {
    if (mode === 'log in') await this.button('Log in').first().click();
    await this.page.getByLabel('Username').fill(this.username);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByLabel('This device').fill(deviceName);
    await this.page
      .locator('form')
      .getByRole('button', { name: mode === 'register' ? 'Create account' : 'Log in' })
      .last()
      .click();
    await this.text('Connected').waitFor();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  text(what: string | RegExp): Locator {
    return this.page.getByText(what).first();
  }

  async goTo(section: 'People' | 'Calls' | 'Devices'): Promise<void> {
    await this.page.getByRole('navigation').getByRole('link', { name: section }).click();
  }

  /** By search, with the buttons of who is found. */
  async call(username: string, kind: 'audio' | 'video' = 'video'): Promise<void> {
    await this.goTo('People');
    await this.page.getByLabel('Search people by name').fill(username);
    await this.button(`Call ${username}, ${kind}`).click();
  }

  /** Pictures of what is shown now, light and dark, on a desk and on a phone. */
  async shoot(name: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    for (const [size, viewport] of Object.entries(sizes)) {
      await this.page.setViewportSize(viewport);
      for (const colorScheme of ['light', 'dark'] as const) {
        await this.page.emulateMedia({ colorScheme });
        await this.page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`), animations: 'disabled' });
      }
    }
    await this.page.emulateMedia({ colorScheme: null });
    await this.page.setViewportSize(sizes.wide);
  }

  /** Controls that a screen reader could not name, text too pale to read (WCAG AA), light and dark, and a page wider than its window. */
  async faultsOfLayout(): Promise<string[]> {
    const faults: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme });
      faults.push(...(await this.#paleTexts()).map((fault) => `${colorScheme}: ${fault}`));
    }
    await this.page.emulateMedia({ colorScheme: null });
    return [...faults, ...(await this.#namelessControls())];
  }

  #paleTexts(): Promise<string[]> {
    return this.page.evaluate(() => {
      const partsOf = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
      const lightnessOf = (color: string): number => {
        const [red = 0, green = 0, blue = 0] = partsOf(color).map((part) =>
          part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
        );
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      };
      const groundOf = (element: Element | null): string => {
        if (element === null) return 'rgb(255, 255, 255)';
        const { backgroundColor } = getComputedStyle(element);
        const [, , , alpha = 1] = partsOf(backgroundColor);
        return alpha > 0.8 ? backgroundColor : groundOf(element.parentElement);
      };
      const ownText = (element: Element): string =>
        [...element.childNodes]
          .map((node) => (node.nodeType === 3 ? node.nodeValue : ''))
          .join('')
          .trim();
      return [...document.querySelectorAll<HTMLElement>('body *:not(svg *)')]
        .filter((element) => element.checkVisibility() && ownText(element) !== '' && element.closest(':disabled') === null)
        .flatMap((element) => {
          const [brighter = 0, darker = 0] = [lightnessOf(getComputedStyle(element).color), lightnessOf(groundOf(element))].toSorted(
            (a, b) => b - a,
          );
          const contrast = (brighter + 0.05) / (darker + 0.05);
          return contrast < 4.5 ? [`contrast ${contrast.toFixed(2)}: ${ownText(element).slice(0, 40)}`] : [];
        });
    });
  }

  #namelessControls(): Promise<string[]> {
    return this.page.evaluate(() => {
      const nameOf = (element: Element): string =>
        [
          element.getAttribute('aria-label'),
          element.textContent,
          ...(element instanceof HTMLInputElement ? Array.from(element.labels ?? [], ({ textContent }) => textContent) : []),
        ]
          .join('')
          .trim();
      const controls = document.querySelectorAll('button, a[href], input, summary, video, [role="option"]');
      const nameless = [...controls]
        .filter((control) => nameOf(control) === '')
        .map(({ outerHTML }) => `nameless: ${outerHTML.slice(0, 120)}`);
      const isWider = document.documentElement.scrollWidth > document.documentElement.clientWidth;
      return [...nameless, ...(isWider ? [`wider than the page: ${document.documentElement.scrollWidth}`] : [])];
    });
  }
}
