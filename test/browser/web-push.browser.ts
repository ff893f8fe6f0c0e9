import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '../support/build.js';
import { runSql } from '../support/database.js';
import { signUp } from '../support/device.js';
import { freePort } from '../support/free-port.js';
import { PushService } from '../support/push-service.js';
import { startServerForTest } from '../support/server.js';
import { until } from '../support/until.js';
import { webhookSecret } from '../support/webhook-receiver.js';

/** The example as its README starts it, beside a server that tells it of calls. */
async function startExample(pushService: PushService) {
  const [port, serverPort] = (await Promise.all([freePort(['127.0.0.1']), freePort(['127.0.0.1'])])).map(String) as [string, string];
  const origin = `http://127.0.0.1:${port}`;
  const server = await startServerForTest({
    PORT: serverPort,
    WEBHOOK_URL: `${origin}/webhooks`,
    WEBHOOK_SECRET: webhookSecret,
    WEBHOOK_ALLOW_PRIVATE: 'on',
    CORS_ORIGINS: origin,
  });
  const example = spawn(process.execPath, [join(root, 'examples/web-push/server.ts')], {
    env: {
      PATH: process.env['PATH'],
      PORT: port,
      SWITCHBOARD_URL: server.url,
      WEBHOOK_SECRET: webhookSecret,
      PUSH_HOSTS: new URL(pushService.origin).hostname,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void example.kill());
  await once(example.stdout, 'data');
  const subscribe = (token: string, subscription: object) =>
    fetch(`${origin}/subscriptions`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: JSON.stringify(subscription) });
  return { origin, server, subscribe };
}

/** A browser with a profile, as only such a one has notifications, on the example's page. */
async function openPage(origin: string) {
  const profile = await mkdtemp(join(tmpdir(), 'switchboard-browser-'));
  const browser = await chromium.launchPersistentContext(profile, { executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  onTestFinished(async () => {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  });
  await browser.grantPermissions(['notifications'], { origin });
  const page = await browser.newPage();
  const protocol = await browser.newCDPSession(page);
  let registrationId: string | undefined;
  protocol.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    registrationId = registrations.find(({ scopeURL }) => scopeURL.startsWith(origin))?.registrationId ?? registrationId;
  });
  await protocol.send('ServiceWorker.enable');
  await page.goto(`${origin}/`);
  await page.evaluate('navigator.serviceWorker.ready.then(() => {})');
  const id = await until('the service worker', () => registrationId);

  /** As the browser hands a message over. Resolves when the worker has told the page that it is done: to look at the notifications earlier takes away those that are about to be shown. */
  async function deliver(data: string): Promise<void> {
    await page.evaluate(
      "void (globalThis.done = new Promise((resolve) => navigator.serviceWorker.addEventListener('message', resolve, { once: true })))",
    );
    await protocol.send('ServiceWorker.deliverPushMessage', { origin, registrationId: id, data });
    await page.evaluate('globalThis.done.then(() => {})');
  }
  const shown = (): Promise<unknown> =>
    page.evaluate(`navigator.serviceWorker.ready
      .then((registration) => registration.getNotifications())
      .then((found) => found.map(({ title, tag }) => ({ title, tag })))`);
  return { page, deliver, shown };
}

test('a call is pushed to the browsers of its callee, the service worker shows it, and takes it away when it is over', async () => {
  const pushService = await PushService.start();
  onTestFinished(() => pushService.stop());
  const { origin, server, subscribe } = await startExample(pushService);
  const [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  expect((await subscribe('nobody', pushService.subscription('thief'))).status).toBe(401);
  expect((await subscribe(ben.token, { ...pushService.subscription('x'), endpoint: 'http://169.254.169.254/' })).status).toBe(400);
  expect((await subscribe(ana.token, pushService.subscription('ana'))).status).toBe(204);
  expect((await subscribe(ben.token, pushService.subscription('ben'))).status).toBe(204);
  const { deliver, shown } = await openPage(origin);
  /** The next message that comes to the push service, as it goes on to the browser. */
  const nextPush = async () => {
    const pushed = await until('a push', () => pushService.pushed.shift());
    expect(pushed.path).toBe('/ben');
    expect(pushed.headers).toMatchObject({ 'content-encoding': 'aes128gcm', urgency: 'high' });
    expect(pushed.headers.authorization).toMatch(/^vapid t=[\w-]+\.[\w-]+\.[\w-]+, k=[\w-]{87}$/);
    expect(pushed.body.includes('callId')).toBe(false);
    const message = pushService.read(pushed);
    await deliver(message);
    return { ...pushed, message: JSON.parse(message) as unknown };
  };

  const declined = await ana.ring(ben);
  const rings = await nextPush();
  expect(rings.message).toMatchObject({ type: 'call.created', data: { callId: declined.id, callerId: ana.userId, calleeId: ben.userId } });
  expect(Number(rings.headers['ttl'])).toBeGreaterThan(0);
  expect(Number(rings.headers['ttl'])).toBeLessThanOrEqual(60);
  expect(rings.headers['topic']).toBe(declined.id.replaceAll('-', ''));
  expect(await shown()).toEqual([{ title: 'Somebody is calling', tag: declined.id }]);
  await ben.end(declined.id);
  expect((await nextPush()).message).toMatchObject({ type: 'call.ended', data: { endReason: 'DECLINED' } });
  expect(await shown()).toEqual([]);

  const answered = await ana.ring(ben);
  await nextPush();
  expect(await shown()).toMatchObject([{ tag: answered.id }]);
  await ben.accept(answered.id);
  expect((await nextPush()).message).toMatchObject({ type: 'call.answered' });
  expect(await shown()).toEqual([]);
  await ana.end(answered.id);
  await nextPush();

  const cancelled = await ana.ring(ben);
  await nextPush();
  await ana.end(cancelled.id);
  await nextPush();
  expect(await shown()).toEqual([{ title: 'Missed call', tag: cancelled.id }]);
});

test('the page signs in and shows what really rings', async () => {
  const pushService = await PushService.start();
  onTestFinished(() => pushService.stop());
  const { origin, server } = await startExample(pushService);
  const [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  const { page } = await openPage(origin);
  await ana.ring(ben);
  await page.getByLabel('Name').fill(ben.session.user.username);
  await page.getByLabel('Password').fill('correct horse');
  await page.getByRole('button').click();
  await page.getByRole('listitem').waitFor();
  expect(await page.getByRole('listitem').allTextContents()).toEqual([`${ana.session.user.displayName}: CREATED`]);
});

test('a push service that fails is asked again by the next try of the webhook, and a subscription that is gone is forgotten', async () => {
  const pushService = await PushService.start();
  onTestFinished(() => pushService.stop());
  const { server, subscribe } = await startExample(pushService);
  const [ana, ben] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
  await subscribe(ben.token, pushService.subscription('ben'));
  pushService.status = 503;
  const { id } = await ana.ring(ben);
  await until('a push', () => pushService.pushed.length === 1);
  pushService.status = 410;
  await until('another try', () => pushService.pushed.length === 2);
  await ana.end(id);
  await until('all to be told', async () => (await runSql(server.databaseUrl, 'SELECT 1 FROM webhook_outbox')).length === 0);
  expect(pushService.pushed.map((pushed) => (JSON.parse(pushService.read(pushed)) as { type: string }).type)).toEqual([
    'call.created',
    'call.created',
  ]);
});
