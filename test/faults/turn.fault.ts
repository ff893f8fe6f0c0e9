import { expect, onTestFinished, test } from 'vitest';
import { turnCredential } from '../../src/ice/turn-credential.js';
import { RelayPeer } from '../support/relay-peer.js';
import { startServerForTest } from '../support/server.js';
import { TurnClient, type TurnLogin, type Verdict } from '../support/turn-client.js';
import { readOperatorsFile, TurnServer } from '../support/turn-server.js';
import { until } from '../support/until.js';

const secret = '5d41e07a93c84b26f1e0d7728cb3a94f';
const nextSecret = 'c0ffee1234a94f5d41e07a93c84b26f1';
/** Both peers are on this machine, where no relay may send by default. */
const loopbackAllowed = ['allow-loopback-peers', 'allowed-peer-ip=127.0.0.1'];

function loginFor(userId: string, { key = secret, ttlSeconds = 600 } = {}): TurnLogin {
  return turnCredential({ secret: key, userId, ttlSeconds, now: new Date() });
}

async function clientOf(server: TurnServer, login: TurnLogin, family: 'udp4' | 'udp6' = 'udp4'): Promise<TurnClient> {
  const client = await TurnClient.open(server, login, family);
  onTestFinished(() => client.close());
  return client;
}

async function allocate(server: TurnServer, login: TurnLogin): Promise<Verdict> {
  return (await clientOf(server, login)).allocate();
}

test.for(['udp', 'tcp'])(
  'two peers that nothing else connects call each other, and speak through the relay alone, by %s',
  async (transport) => {
    const relay = await TurnServer.startForTest({ secrets: [secret], lines: loopbackAllowed });
    const server = await startServerForTest({
      TURN_URLS: `turn:127.0.0.1:${relay.port}?transport=${transport}`,
      TURN_SECRET: secret,
    });
    const [ana, ben] = await Promise.all([RelayPeer.enter(server, 'ana'), RelayPeer.enter(server, 'ben')]);
    for (const peer of [ana, ben]) onTestFinished(() => peer.leave());

    const callId = await ana.call(ben);
    for (const [from, to] of [
      [ana, ben],
      [ben, ana],
    ] as const) {
      for (const text of ['Hello', 'x'.repeat(20_000)]) {
        from.say(text);
        await to.hears(text);
      }
    }

    for (const peer of [ana, ben]) {
      const { local, remote } = peer.route;
      const candidates = [local, remote, ...peer.offeredCandidates];
      expect(candidates.length).toBeGreaterThan(2);
      for (const candidate of candidates) {
        expect(candidate).toMatch(/ typ relay\b/);
        expect(relay.isRelayPort(Number(/ 127\.0\.0\.1 (\d+) typ /.exec(candidate)?.[1]))).toBe(true);
      }
    }
    await ana.device.end(callId);
    expect((await ben.device.heard('ENDED', callId)).call).toMatchObject({ endReason: 'HUNG_UP' });
  },
);

test('a credential is good until the second that it says, and an altered one never is', async () => {
  const relay = await TurnServer.startForTest({ secrets: [secret] });
  const good = loginFor('ana');
  expect(await allocate(relay, good)).toBe('granted');
  const later = good.username.replace(/^\d+/, (expiry) => String(Number(expiry) + 1));
  const refused: Record<string, TurnLogin> = {
    'expired by a second': loginFor('ana', { ttlSeconds: -1 }),
    'expired by a day': loginFor('ana', { ttlSeconds: -86_400 }),
    'a later expiry': { ...good, username: later },
    'another user': { ...good, username: good.username.replace('ana', 'ben') },
    'another letter in the credential': { ...good, credential: good.credential.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')) },
    'no credential': { ...good, credential: '' },
    'of another secret': loginFor('ana', { key: nextSecret }),
    'no expiry': { username: 'ana', credential: good.credential },
  };
  for (const [what, login] of Object.entries(refused)) expect([what, await allocate(relay, login)]).toEqual([what, 401]);
});

test('a relay that is open outlives its credential, and a new one needs a new credential', async () => {
  const relay = await TurnServer.startForTest({ secrets: [secret] });
  const login = loginFor('ana', { ttlSeconds: 2 });
  const client = await clientOf(relay, login);
  expect(await client.allocate()).toBe('granted');
  const expiresAtMs = Number(login.username.split(':')[0]) * 1_000;
  await until('the end of the credential', () => Date.now() > expiresAtMs + 1_000);
  expect(await allocate(relay, login)).toBe(401);
  expect(await client.refresh()).toBe('granted');
  expect(await allocate(relay, loginFor('ana'))).toBe('granted');
});

test('the file as it stands holds no secret, and refuses everybody', async () => {
  const relay = await TurnServer.startForTest();
  for (const key of [secret, '', '#', 'switchboard']) expect(await allocate(relay, loginFor('ana', { key }))).toBe(401);
});

test('while the secret is changed the old and the new one are both good', async () => {
  const relay = await TurnServer.startForTest({ secrets: [nextSecret, secret] });
  for (const key of [secret, nextSecret]) expect(await allocate(relay, loginFor('ana', { key }))).toBe('granted');
});

test('a user has 24 relays at once, whatever credentials they come with', async () => {
  const relay = await TurnServer.startForTest({ secrets: [secret] });
  const verdicts: Verdict[] = [];
  for (let n = 0; n < 26; n += 1) verdicts.push(await allocate(relay, loginFor('ana', { ttlSeconds: 600 + n })));
  expect(verdicts).toEqual([...Array.from({ length: 24 }, () => 'granted'), 486, 486]);
  expect(await allocate(relay, loginFor('ben'))).toBe('granted');
});

test('a relay opens no TCP connections', async () => {
  const relay = await TurnServer.startForTest({ secrets: [secret] });
  expect(await (await clientOf(relay, loginFor('ana'))).allocate('tcp')).toBe(442);
});

test('no relay sends to an address that is of no public network, and each sends to those that are', async () => {
  const relay = await TurnServer.startForTest({ secrets: [secret], hosts: ['127.0.0.1', '::1'] });
  const ranges = [...(await readOperatorsFile()).matchAll(/^denied-peer-ip=(\S+)$/gm)].flatMap(([, range]) => range!.split('-'));
  // One of each kind, and what is known to stand behind.
  const known = [
    '127.0.0.1 10.1.2.3 172.20.0.1 192.168.1.1 169.254.169.254 100.100.100.200 192.0.0.192 168.63.129.16',
    '0.0.0.0 224.0.0.1 240.0.0.1 255.255.255.255 198.18.0.1 198.51.100.1 203.0.113.1 192.0.2.1 192.88.99.1',
    '::1 :: fd00:ec2::254 fe80::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1::',
    '100::1 2001:db8::1 2001::1 fec0::1',
  ].flatMap((line) => line.split(' '));
  const open = '1.1.1.1 100.63.255.255 100.128.0.0 172.32.0.0 168.63.129.17 198.20.0.0 2606:4700::1111 2001:4860::8888'.split(' ');

  for (const family of ['udp4', 'udp6'] as const) {
    const client = await clientOf(relay, loginFor('ana'), family);
    expect(await client.allocate()).toBe('granted');
    const ofFamily = (address: string): boolean => address.includes(':') === (family === 'udp6');
    const verdicts = async (addresses: string[]) => {
      const seen: [string, Verdict][] = [];
      for (const address of addresses.filter(ofFamily)) seen.push([address, await client.permit(address)]);
      return seen;
    };
    expect((await verdicts([...ranges, ...known])).filter(([, verdict]) => verdict !== 403)).toEqual([]);
    expect((await verdicts(open)).filter(([, verdict]) => verdict !== 'granted')).toEqual([]);
  }
  expect(ranges.length).toBeGreaterThan(40);
});

test('coturn knows every setting of the file, finds nothing to complain of, and tells no secret', async () => {
  const complaint = /^.*(?:bad configuration|unknown|unrecognized|config (?:error|warning|alert)|deprecated|incorrect).*$/gim;
  const relay = await TurnServer.startForTest({ secrets: [secret] });
  const login = loginFor('ana');
  await allocate(relay, login);
  expect(relay.output).toContain('Default realm: switchboard');
  expect(relay.output.match(complaint)).toBeNull();
  await allocate(relay, { ...login, credential: `${login.credential}x` });
  expect(relay.output).toContain('ana');
  for (const text of [secret, login.credential]) expect(relay.output).not.toContain(text);

  const wrong = await TurnServer.startForTest({ lines: ['denied-peers=10.0.0.0-10.255.255.255'] });
  expect(wrong.output.match(complaint)?.[0]).toContain('denied-peers');
});

test('every setting of the file is explained', async () => {
  const paragraphs = (await readOperatorsFile()).split(/\n{2,}/);
  const unexplained = paragraphs.filter((paragraph) => /^[a-z]/m.test(paragraph) && !paragraph.startsWith('# '));
  expect(unexplained).toEqual([]);
});
