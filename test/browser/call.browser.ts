import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { timelineOperation } from '../../src/client/operations.js';
import { closePages, openBrowser } from '../support/browser.js';
import { CallerPage } from '../support/caller-page.js';
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

const aName = (who: string) => `${who}-${randomUUID().slice(0, 8)}`;

/** Two people, each in a browser of their own. */
async function anaAndBen() {
  const [ana, ben] = await Promise.all(
    ['ana', 'ben'].map(async (who) => {
      const username = aName(who);
      return { username, at: await CallerPage.open(server, await browser.newContext(), { username }) };
    }),
  );
  return { ana: ana!.at, ben: ben!.at, benName: ben!.username };
}

const timeline = (who: CallerPage, kind: string) =>
  who.page.evaluate(
    async ([text, wanted]) => {
      const { call: told } = (await phone.request(text as never, { id: call?.id })) as { call: { timeline: { kind: string }[] } };
      return told.timeline.filter((entry) => entry.kind === wanted).length;
    },
    [String(timelineOperation), kind] as const,
  );

const nothingWentWrong = async (...pages: CallerPage[]) => {
  for (const page of pages) {
    expect(page.faults).toEqual([]);
    expect((await page.told()).filter((what) => what.startsWith('error'))).toEqual([]);
  }
};

test('a video call: both sides decode frames and sound, and hang up', async () => {
  const { ana, ben, benName } = await anaAndBen();
  await ana.call(benName, 'video');
  await ben.accept('video');
  await Promise.all([ana, ben].flatMap((one) => [one.decodes('frames'), one.decodes('samples', 10_000)]));
  await ben.page.evaluate(() => call?.hangUp());
  await Promise.all([ana.hears('ended HUNG_UP'), ben.hears('ended HUNG_UP')]);
  await until('no connection', () => ana.page.evaluate(() => call?.connection?.signalingState === 'closed'));
  await nothingWentWrong(ana, ben);
});

test('three devices ring, one answers, the other two are told elsewhere within a second', async () => {
  const { ana, ben, benName } = await anaAndBen();
  const [tablet, laptop] = await Promise.all([
    CallerPage.open(server, await browser.newContext(), { username: benName, isNew: false }),
    CallerPage.open(server, await browser.newContext(), { username: benName, isNew: false }),
  ]);
  await ana.call(benName, 'video');
  const devices = [ben, tablet, laptop];
  for (const device of devices) await until('the ring', () => device.page.evaluate(() => call?.status === 'RINGING'));
  await tablet.accept('video');
  const answeredAt = performance.now();
  await Promise.all([ben.hears('elsewhere'), laptop.hears('elsewhere')]);
  expect(performance.now() - answeredAt).toBeLessThan(1_000);
  await Promise.all([ana.decodes('frames'), tablet.decodes('frames')]);
  expect(await ben.decoded()).toEqual({ frames: 0, samples: 0 });
  await nothingWentWrong(ana, ...devices);
});

test('sockets are cut in the middle of a call: the media go on, and the call can still be ended', async () => {
  const { ana, ben, benName } = await anaAndBen();
  await ana.call(benName, 'video');
  await ben.accept('video');
  await Promise.all([ana.decodes('frames'), ben.decodes('frames')]);
  for (const one of [ana, ben]) {
    const states = await one.page.evaluate(async () => {
      const seen: string[] = [];
      phone.on('connection', (state) => seen.push(state));
      const headers = { authorization: `Bearer ${await phone.accessToken()}`, 'content-type': 'application/json' };
      await fetch('/dev/faults', { method: 'POST', headers, body: '{"kind":"drop-socket"}' });
      return new Promise<string[]>((resolve) => phone.on('connection', (state) => state === 'connected' && resolve(seen)));
    });
    expect(states).toContain('waiting');
    await Promise.all([ana.decodes('frames'), ben.decodes('frames')]);
    expect(await one.page.evaluate(() => call?.connection?.connectionState)).toBe('connected');
  }
  await ana.page.evaluate(() => call?.hangUp());
  await ben.hears('ended HUNG_UP');
  await nothingWentWrong(ana, ben);
});

test('ICE is restarted by either side: another way is found, and the media go on', async () => {
  const { ana, ben, benName } = await anaAndBen();
  await ana.call(benName, 'video');
  await ben.accept('video');
  await Promise.all([ana.decodes('frames'), ben.decodes('frames')]);
  const fragment = (one: CallerPage) =>
    one.page.evaluate(() => /a=ice-ufrag:(\S+)/.exec(call?.connection?.currentRemoteDescription?.sdp ?? '')?.[1]);
  for (const [one, other] of [
    [ana, ben],
    [ben, ana],
  ] as const) {
    const before = await fragment(other);
    await one.page.evaluate(() => call?.connection?.restartIce());
    await until('new credentials', async () => (await fragment(other)) !== before);
    await Promise.all([ana.decodes('frames'), ben.decodes('frames')]);
  }
  expect(await timeline(ana, 'OFFER')).toBeGreaterThanOrEqual(3);
  await nothingWentWrong(ana, ben);
});

test('both sides add video to a call of sound at the same moment: each sees the other', async () => {
  const { ana, ben, benName } = await anaAndBen();
  await ana.call(benName, 'audio');
  await ben.accept('audio');
  await Promise.all([ana.decodes('samples'), ben.decodes('samples')]);
  expect(await ana.decoded()).toMatchObject({ frames: 0 });
  const addVideo = (one: CallerPage) =>
    one.page.evaluate(async () => {
      const stream = await navigator.mediaDevices.getUserMedia({ video: true });
      for (const track of stream.getVideoTracks()) call?.addTrack(track, stream);
    });
  await Promise.all([addVideo(ana), addVideo(ben)]);
  await Promise.all([ana.decodes('frames'), ben.decodes('frames')]);
  expect(
    await ana.page.evaluate(() =>
      call?.remoteStream
        .getTracks()
        .map(({ kind }) => kind)
        .toSorted(),
    ),
  ).toEqual(['audio', 'video']);
  await nothingWentWrong(ana, ben);
});

test('who calls each other at one instant see each other', async () => {
  const { ana, ben, benName } = await anaAndBen();
  const anaName = await ana.page.evaluate(() => phone.user?.username ?? '');
  await Promise.all([ana.call(benName, 'video'), ben.call(anaName, 'video')]);
  await Promise.all([ana.decodes('frames'), ben.decodes('frames')]);
  await nothingWentWrong(ana, ben);
});

test('a caller without camera and microphone receives the other, as the call asks for', async () => {
  const { ana, ben, benName } = await anaAndBen();
  await ana.call(benName, 'nothing');
  await ben.accept('video');
  await Promise.all([ana.decodes('frames'), ana.decodes('samples', 10_000)]);
  expect(await ben.decoded()).toEqual({ frames: 0, samples: 0 });
  await nothingWentWrong(ana, ben);
});

test('a tab is signed in again when it is reloaded, and its copy is not: it would use up the session of the first', async () => {
  const context = await browser.newContext();
  const page = await CallerPage.open(server, context, { username: aName('ana') });
  const enter = (tab: Page) =>
    tab.evaluate(async () => {
      globalThis.phone = new sdk.Switchboard({ store: sdk.browserStore({ perTab: true }) });
      return phone.resume();
    });
  const load = (tab: Page) => tab.evaluate("import('/client.js').then((module) => void (globalThis.sdk = module))");
  expect(await enter(page.page)).toBe(false);
  await page.page.evaluate((username) => phone.register({ username, password: 'correct horse' }), aName('ana'));
  for (let times = 0; times < 3; times += 1) {
    await page.page.reload();
    await load(page.page);
    expect(await enter(page.page)).toBe(true);
  }
  const kept = await page.page.evaluate(() => sessionStorage.getItem('switchboard') ?? '');
  const copy = await context.newPage();
  await copy.goto(new URL('/healthz', server.url).href);
  await load(copy);
  await copy.evaluate((session) => sessionStorage.setItem('switchboard', session), kept);
  expect(await enter(copy)).toBe(false);
  await copy.evaluate(() => sessionStorage.setItem('switchboard', '{"cut'));
  expect(await enter(copy)).toBe(false);
  await copy.evaluate((session) => sessionStorage.setItem('switchboard', session), kept);
  expect(await enter(copy)).toBe(false);
  expect(await copy.evaluate(() => sessionStorage.getItem('switchboard'))).toBeNull();
  expect(await page.page.evaluate(async () => (await phone.accessToken()).length)).toBeGreaterThan(100);
});
