import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { openBrowser } from '../support/browser.js';
import { CallerPage } from '../support/caller-page.js';
import { startProcessForTest } from '../support/server-process.js';
import { TurnServer } from '../support/turn-server.js';
import { until } from '../support/until.js';

const secret = '5d41e07a93c84b26f1e0d7728cb3a94f';
/** Both browsers are on this machine, where no relay may send by default. */
const loopbackAllowed = ['allow-loopback-peers', 'allowed-peer-ip=127.0.0.1'];

/** A call with video between two browsers that may use that relay alone, with the credentials that the API gives. */
async function relayedCall(environment: Record<string, string> = {}) {
  const relay = await TurnServer.startForTest({ secrets: [secret], lines: loopbackAllowed });
  const turn = { TURN_URLS: `turn:127.0.0.1:${relay.port}?transport=udp`, TURN_SECRET: secret };
  const server = await startProcessForTest({ environment: { ...turn, ...environment } });
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  const configuration = { iceTransportPolicy: 'relay' } as const;
  const benName = `ben-${randomUUID().slice(0, 8)}`;
  const ana = await CallerPage.open(server, await browser.newContext(), { username: `ana-${randomUUID().slice(0, 8)}`, configuration });
  const ben = await CallerPage.open(server, await browser.newContext(), { username: benName, configuration });
  await ana.call(benName, 'video');
  await ben.accept('video');
  await Promise.all([ana.decodes('frames'), ben.decodes('frames')]);
  return { ana, ben };
}

test('two browsers that may use a relay alone decode each other, with the credentials that the API gives', async () => {
  const { ana, ben } = await relayedCall();
  for (const one of [ana, ben]) {
    expect(await one.pair()).toEqual(['relay', 'relay']);
    expect(one.faults).toEqual([]);
  }
});

test('with a secret that the relay does not have nobody is relayed', async () => {
  const relay = await TurnServer.startForTest({ secrets: [secret], lines: loopbackAllowed });
  const environment = { TURN_URLS: `turn:127.0.0.1:${relay.port}?transport=udp`, TURN_SECRET: `${secret.slice(1)}0` };
  const server = await startProcessForTest({ environment });
  await using browser = await openBrowser();
  const page = await CallerPage.open(server, await browser.newContext(), { username: `ana-${randomUUID().slice(0, 8)}` });
  const refused = await page.page.evaluate(async (operation) => {
    const { iceServers } = (await phone.request(operation as never, {})) as { iceServers: { servers: RTCIceServer[] } };
    const connection = new RTCPeerConnection({ iceServers: iceServers.servers, iceTransportPolicy: 'relay' });
    connection.createDataChannel('none');
    const failed = new Promise<number>((resolve) => (connection.onicecandidateerror = ({ errorCode }) => resolve(errorCode)));
    await connection.setLocalDescription();
    return failed;
  }, '{ iceServers { servers { urls username credential } } }');
  expect(refused).toBe(401);
});

test('credentials that run out in a call are renewed before: the connection has new ones for its next ICE restart', async () => {
  const { ana, ben } = await relayedCall({ TURN_TTL_SECONDS: '60' });
  const login = () => ana.page.evaluate(() => call?.connection?.getConfiguration().iceServers?.at(-1)?.username ?? '');
  const first = await login();
  await until('a new login', async () => (await login()) !== first, { withinMs: 45_000, everyMs: 250 });
  // The expiry stands in front of the name.
  expect(Number.parseInt(await login(), 10)).toBeGreaterThan(Number.parseInt(first, 10));
  await ana.page.evaluate(() => call?.connection?.restartIce());
  await until('the restart', () => ana.page.evaluate(() => call?.connection?.signalingState === 'stable'));
  await Promise.all([ana.decodes('frames'), ben.decodes('frames')]);
  expect(await ana.pair()).toEqual(['relay', 'relay']);
});
