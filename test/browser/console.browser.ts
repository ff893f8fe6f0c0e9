import { randomUUID } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { closePages, openBrowser, seesTheOther } from '../support/browser.js';
import { ConsolePage } from '../support/console-page.js';
import { ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

let server: ServerProcess;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([ServerProcess.start(), openBrowser()]);
});
afterEach(() => closePages(browser));
afterAll(async () => {
  await browser.close();
  await server.kill();
});

const aName = (who: string) => `${who}-${randomUUID().slice(0, 4)}`;
const enter = async (username: string, mode?: 'log in') => ConsolePage.enter(server, await browser.newContext(), username, mode);
const anaAndBen = () => Promise.all([enter(aName('ana')), enter(aName('ben'))]);
const remote = 'video.remote';
const isHere = (what: string, look: () => Promise<boolean>) => until(what, look, { withinMs: 20_000, everyMs: 50 });

test('a form says at the field what is wrong with it, and a session survives a reload', async () => {
  const name = aName('ana');
  const ana = await ConsolePage.open(server, await browser.newContext(), name);
  expect((await ana.page.request.get(new URL('/favicon.ico', server.url).href)).status()).toBe(200);
  await ana.shoot('sign-in');
  expect(await ana.faultsOfLayout()).toEqual([]);
  await ana.page.getByLabel('Username').fill('a b');
  await ana.page.getByLabel('Password').fill('correct horse');
  await ana.page.locator('form').getByRole('button', { name: 'Create account' }).last().click();
  await isHere('the fault', () => ana.page.getByLabel('Username').evaluate((input) => input.getAttribute('aria-invalid') === 'true'));
  expect(await ana.page.getByLabel('Username').evaluate((input) => input === document.activeElement)).toBe(true);
  await ana.shoot('sign-in-fault');
  await ana.signIn('register');
  await ana.shoot('welcome');
  await ana.button('Theme: system. Change to light').click();
  await ana.page.reload();
  await ana.text('Connected').waitFor();
  expect(await ana.page.locator('html').getAttribute('data-theme')).toBe('light');
  await ana.page.goto(`${ana.page.url().split('#')[0]}#/history/${randomUUID()}`);
  await ana.text('There is no such call').waitFor();
  await ana.shoot('no-such-call');

  const again = await ConsolePage.open(server, await browser.newContext(), name);
  await again.page.getByLabel('Username').fill(name.toUpperCase());
  await again.page.getByLabel('Password').fill('correct horse');
  await again.page.locator('form').getByRole('button', { name: 'Create account' }).last().click();
  await again.text('Somebody has this username already.').waitFor();
  expect(ana.faults).toEqual([]);
});

test('a video call from search to history, with each of its steps in the inspector', async () => {
  const [ana, ben] = await anaAndBen();
  await ana.page.getByLabel('Search people by name').fill(ben.username);
  await ana.button(`Call ${ben.username}, video`).waitFor();
  await isHere('presence', () => ana.text(/online/).isVisible());
  await ana.shoot('people');
  expect(await ana.faultsOfLayout()).toEqual([]);
  await ana.call(ben.username);
  await ben.text('Incoming video call').waitFor();
  await ana.text('Ringing').waitFor();
  await ana.shoot('ringing');
  await ben.shoot('incoming');
  expect(await ben.faultsOfLayout()).toEqual([]);
  await ben.button('Accept with video').click();
  await Promise.all([seesTheOther(ana.page, remote), seesTheOther(ben.page, remote)]);
  await ana.text('Media connected').waitFor();
  for (const step of [/, offer,/, /, answer,/, /candidate/, /answered/])
    await ana.page.getByRole('option', { name: step }).first().waitFor();
  await ana.shoot('call');
  expect(await ana.faultsOfLayout()).toEqual([]);

  await ana.button('Mute microphone').click();
  await ana.button('Unmute microphone').waitFor();
  await ana.button('Turn camera off').click();
  await ben.text('Sends no picture').waitFor();
  await ben.shoot('no-picture');
  await ana.button('Turn camera on').click();
  await isHere('the picture again', () => ben.text('Sends no picture').isHidden());
  await seesTheOther(ben.page, remote);

  await ana.page
    .getByRole('option', { name: /, offer,/ })
    .first()
    .click();
  await ana.page.getByRole('columnheader', { name: 'Bytes' }).waitFor();
  await ana.page
    .getByRole('option', { name: /, offer,/ })
    .first()
    .press('ArrowDown');
  await ana.shoot('inspector-selected');

  await ana.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await ana.button('Copy text').click();
  await ana.text('The timeline is copied as text.').waitFor();
  const copied = await ana.page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(new RegExp(`^Call [-0-9a-f]{36}, VIDEO, ${ana.username} to ${ben.username}, ACTIVE`));
  expect(copied).toMatch(/\+0 ms {2}CREATED/);

  await ben.button('Hang up').click();
  await ana.text(`${ben.username} hung up.`).waitFor();
  await ben.text('You hung up.').waitFor();
  await ana.page.getByRole('option', { name: /ended: hung up/ }).waitFor();
  await ana.shoot('over');
  await ana.goTo('Calls');
  await ana.button(new RegExp(`Call to ${ben.username}, Answered`)).click();
  await ana.page.getByRole('option', { name: /ended: hung up/ }).waitFor();
  await ana.shoot('history');
  expect(await ana.faultsOfLayout()).toEqual([]);
  await ana.button(/Developer/).click();
  await ana.text('CallChanged').waitFor();
  await ana.shoot('developer');
  expect([...ana.faults, ...ben.faults]).toEqual([]);
});

test('a call that nobody answers is missed, and seen once the list was looked at', async () => {
  const [ana, ben] = await anaAndBen();
  await ana.call(ben.username, 'audio');
  await ben.text('Incoming audio call').waitFor();
  await ana.button('Cancel').click();
  await ana.text('You cancelled before an answer.').waitFor();
  await ben.text(`${ana.username} gave up before you answered.`).waitFor();
  await ben.page.getByLabel('1 missed').waitFor();
  expect(await ben.page.title()).toBe('(1) Switchboard');
  await ben.shoot('missed');
  await ben.goTo('Calls');
  await ben.text('Missed').waitFor();
  await isHere('no badge', async () => (await ben.page.getByLabel('1 missed').count()) === 0);
  await ben.button('Outgoing').click();
  await ben.text('You have called nobody yet').waitFor();
  await ben.button('Missed').click();
  await ben.button(new RegExp(`Call from ${ana.username}, Missed`)).waitFor();
  await ben.shoot('history-missed');
  expect(await ben.faultsOfLayout()).toEqual([]);
  expect([...ana.faults, ...ben.faults]).toEqual([]);
});

test('two devices ring; one ignores, the other answers by keyboard alone, and the first says where it was answered', async () => {
  const [ana, ben] = await anaAndBen();
  const tablet = await enter(ben.username, 'log in');
  await ana.call(ben.username);
  await Promise.all([ben.text('Incoming video call').waitFor(), tablet.text('Incoming video call').waitFor()]);
  await tablet.page.keyboard.press('Escape');
  await tablet.text('Ignored on this device').waitFor();
  await tablet.shoot('ignored');

  const focused = () =>
    ben.page.evaluate(() => [document.activeElement!.textContent, getComputedStyle(document.activeElement!).outlineStyle]);
  for (const name of ['Accept with audio only', 'Decline', 'Accept with video']) {
    await ben.page.keyboard.press('Tab');
    expect(await focused()).toEqual([name, 'solid']);
  }
  await ben.page.keyboard.press('Enter');
  await seesTheOther(ben.page, remote);
  await tablet.text(/answered on another of your devices/).waitFor();
  await tablet.text(/on another device/).waitFor();
  await tablet.shoot('elsewhere');
  await tablet.goTo('Devices');
  await tablet.text('this tab').waitFor();
  await tablet.shoot('devices');

  await ben.button(/Developer/).click();
  await ben.button('Drop the socket').click();
  await ben.text(/^connecting$/).waitFor();
  await ben.text('Connected').waitFor();
  await ben.shoot('developer-in-call');
  await ben.button('Close the drawer').click();
  await seesTheOther(ben.page, remote);

  await tablet.button('Sign out Test browser').click();
  await tablet.page.getByRole('region', { name: 'Devices' }).getByRole('button', { name: 'Sign out', exact: true }).click();
  await ben.text('This device was signed out.').waitFor();
  await ben.shoot('signed-out');
  expect([...ana.faults, ...tablet.faults]).toEqual([]);
});

test('an account is deleted by its password, and the other has the call without a name', async () => {
  const [ana, ben] = await anaAndBen();
  await ana.call(ben.username);
  await ben.button('Accept with video').click();
  await seesTheOther(ana.page, remote);
  await ana.goTo('Devices');
  await ana.button('Delete account…').click();
  await ana.page.getByLabel('Your password').fill('wrong password');
  await ana.button('Delete account').click();
  await ana.text('This is not your password.').waitFor();
  await ana.shoot('delete-account');
  expect(await ana.faultsOfLayout()).toEqual([]);
  await ana.page.getByLabel('Your password').fill('correct horse');
  await ana.page.getByLabel('Your password').press('Enter');
  await ana.text('Your account is deleted.').waitFor();
  await ben.text(/an account deleted/).waitFor();
  await ben.goTo('Calls');
  await ben.text('Deleted user').waitFor();
  await ben.shoot('with-a-stub');
});

test('a device that is away from the server for a while is in the inspector of both', async () => {
  const ana = await enter(aName('ana'));
  const context = await browser.newContext();
  let isAway = false;
  await context.routeWebSocket(/graphql/, (socket) => (isAway ? socket.close() : void socket.connectToServer()));
  const ben = await ConsolePage.enter(server, context, aName('ben'));
  await ana.call(ben.username);
  await ben.button('Accept with video').click();
  await seesTheOther(ana.page, remote);
  isAway = true;
  await ben.button(/Developer/).click();
  await ben.button('Drop the socket').click();
  await ana.page.getByRole('option', { name: /socket lost/ }).waitFor();
  isAway = false;
  await ben.button('Close the drawer').click();
  for (const one of [ana, ben]) await one.page.getByRole('option', { name: /socket back/ }).waitFor();
  await ana.page.getByRole('option', { name: /socket back/ }).scrollIntoViewIfNeeded();
  await ana.shoot('socket-lost');
  await ana.button('Hang up').click();
  await ben.text(`${ana.username} hung up.`).waitFor();
  expect(ana.faults).toEqual([]);
});

test('a screen is shared in the place of the camera, and the camera comes back', async () => {
  const [ana, ben] = await anaAndBen();
  await ana.call(ben.username);
  await ben.button('Accept with video').click();
  await seesTheOther(ben.page, remote);
  await ana.button('Share screen').click();
  await ana.button('Stop sharing').waitFor();
  await ana.shoot('sharing');
  await ana.button('Stop sharing').click();
  await ana.button('Turn camera off').waitFor();
  await seesTheOther(ben.page, remote);
  await ben.button('Hang up').click();
  expect([...ana.faults, ...ben.faults]).toEqual([]);
});

test('who has neither camera nor microphone is told so, and sees the other all the same', async () => {
  await using bare = await openBrowser({ hasCamera: false });
  const ana = await ConsolePage.enter(server, await bare.newContext(), aName('ana'));
  const ben = await enter(aName('ben'));
  await ana.call(ben.username);
  await ben.button('Accept with video').click();
  await ana.text(/You see and hear, but send nothing/).waitFor();
  await seesTheOther(ana.page, remote);
  await ana.shoot('receive-only');
  await ana.button('Hang up').click();
  expect([...ana.faults, ...ben.faults]).toEqual([]);
});

test('the server goes away in a call: sound and picture go on, and the page says which of the two is lost', async () => {
  const own = await ServerProcess.start();
  try {
    const [ana, ben] = await Promise.all(
      ['ana', 'ben'].map(async (who) => ConsolePage.enter(own, await browser.newContext(), aName(who))) as [
        Promise<ConsolePage>,
        Promise<ConsolePage>,
      ],
    );
    await ana.call(ben.username);
    await ben.button('Accept with video').click();
    await seesTheOther(ana.page, remote);
    await own.kill();
    await ana.text(/the call goes on/).waitFor();
    await seesTheOther(ana.page, remote);
    await ana.text(/attempt/).waitFor();
    await ana.shoot('signaling-lost');
    await own.startAgain();
    await ana.text('Connected').waitFor();
    await isHere('no warning', () => ana.text(/the call goes on/).isHidden());
    await ana.button('Hang up').click();
    await ben.text(`${ana.username} hung up.`).waitFor();
  } finally {
    await own.kill();
  }
});
