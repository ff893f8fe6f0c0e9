import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConfigError, environmentNames, loadConfig } from '../src/config.js';
import { limitDefinitions } from '../src/limits.js';

const secret = '0f8c1d9ab24e67d35c90b1f2a7e48d6c';
const production = { NODE_ENV: 'production', DATABASE_URL: 'postgres://db/switchboard', JWT_SECRET: secret };

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

test('with nothing given it is a development server on its own database', () => {
  expect(loadConfig({})).toEqual({
    production: false,
    host: '127.0.0.1',
    port: 4_000,
    portIsFixed: false,
    databaseUrl: 'embedded',
    redisUrl: null,
    dataDir: '.data',
    signingKeys: null,
    corsOrigins: ['https://studio.apollographql.com', 'https://sandbox.embed.apollographql.com'],
    trustedProxyHops: 0,
    logLevel: 'info',
    retentionMs: 1_800_000,
    metricsPort: null,
    migrate: true,
    accessTokenSeconds: 900,
    refreshTokenDays: 30,
    bcryptCost: 12,
    signalingLostSeconds: 120,
    drainSeconds: 10,
    ice: { stunUrls: [], turn: null },
    webhook: null,
    limits: Object.fromEntries(Object.entries(limitDefinitions).map(([name, { default: value }]) => [name, value])),
  });
});

test('production listens on all addresses, lets no foreign page in, and keeps to its port', () => {
  expect(loadConfig(production)).toMatchObject({ production: true, host: '0.0.0.0', port: 4_000, portIsFixed: true, corsOrigins: [] });
  expect(loadConfig({ ...production, CORS_ORIGINS: '*', HOST: '::' })).toMatchObject({ corsOrigins: ['*'], host: '::' });
});

test('what is given is read', () => {
  const config = loadConfig({
    PORT: '0',
    TRUST_PROXY: '2',
    CORS_ORIGINS: ' https://a.example , ,https://b.example',
    METRICS_PORT: '9090',
    MIGRATE: 'off',
    SIGNAL_RETENTION_MINUTES: '1',
    LIMIT_CALLS_PER_MINUTE: '0',
    LIMIT_SIGNAL_BYTES: '1',
    DATA_DIR: '',
    SOMETHING_ELSE: 'x',
  });
  expect(config).toMatchObject({
    port: 0,
    portIsFixed: true,
    trustedProxyHops: 2,
    corsOrigins: ['https://a.example', 'https://b.example'],
  });
  expect(config).toMatchObject({ metricsPort: 9_090, migrate: false, retentionMs: 60_000, dataDir: '.data' });
  expect(config.limits).toMatchObject({ LIMIT_CALLS_PER_MINUTE: 0, LIMIT_SIGNAL_BYTES: 1 });
});

test('secrets are a ring whose first one signs', () => {
  const next = secret.split('').toReversed().join('');
  expect(loadConfig({ JWT_SECRET: `2026:${next}, 2025:${secret}` }).signingKeys).toEqual([
    { kid: '2026', secret: next },
    { kid: '2025', secret },
  ]);
});

test('a secret without a name has the same kid wherever it stands in the ring, so that its tokens stay good', () => {
  const [key] = loadConfig({ JWT_SECRET: secret }).signingKeys ?? [];
  expect(key).toEqual({ kid: 'unnamed', secret });
  const b = { kid: 'b', secret: secret.split('').toReversed().join('') };
  expect(loadConfig({ JWT_SECRET: `${secret},b:${b.secret}` }).signingKeys).toEqual([key, b]);
  expect(loadConfig({ JWT_SECRET: `b:${b.secret},${secret}` }).signingKeys).toEqual([b, key]);
});

test.for([
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '80.5'],
  ['PORT', 'http'],
  ['PORT', '0x50'],
  ['PORT', ' 80'],
  ['NODE_ENV', 'staging'],
  ['LOG_LEVEL', 'loud'],
  ['MIGRATE', 'true'],
  ['TRUST_PROXY', 'on'],
  ['DATABASE_URL', 'mysql://db'],
  ['REDIS_URL', 'http://cache'],
  ['TURN_TTL_SECONDS', '59'],
  ['TURN_TTL_SECONDS', '86401'],
  ['WEBHOOK_ALLOW_PRIVATE', 'yes'],
  ['CORS_ORIGINS', 'http://localhost:5173/'],
  ['CORS_ORIGINS', 'localhost:5173'],
  ['CORS_ORIGINS', 'https://app.example.com,app.example.com'],
  ['METRICS_PORT', '0'],
  ['ACCESS_TOKEN_SECONDS', '0'],
  ['BCRYPT_COST', '3'],
  ['BCRYPT_COST', '16'],
  ['LIMIT_SIGNAL_BYTES', '0'],
  ['LIMIT_MESSAGE_BYTES', '1e6'],
  ['LIMIT_CALLS_PER_MINUTE', '-1'],
] as const)('an unreadable value is a fault that names its variable: %s=%s', ([name, value]) => {
  const problems = problemsOf({ [name]: value });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(new RegExp(`^${name} has to be `));
});

test('a limit that the server does not know is a fault, whatever its value', () => {
  expect(problemsOf({ LIMIT_SIGNALS: '5', LIMIT_: '1' })).toEqual([
    'LIMIT_SIGNALS is no limit of this server.',
    'LIMIT_ is no limit of this server.',
  ]);
});

test.for([
  ['too short', 'k1:0f8c1d9ab24e67d35c90b1f2a7e48d6', 'fewer than 32 bytes'],
  ['one letter again and again', 'a'.repeat(64), 'placeholder'],
  ['two letters again and again', 'ab'.repeat(32), 'placeholder'],
  ['a word that asks to be replaced', `change-me-${secret}`, 'placeholder'],
  ['an example', `this-is-only-an-example-key-${secret}`, 'placeholder'],
  ['short, in a ring', `a:${secret},b:short`, 'of b has fewer than 32 bytes'],
  ['one of two without a name', `${secret},${secret}x`, 'all but one need a name'],
  ['the same name twice', `a:${secret},a:${secret}x`, 'the same kid twice'],
  ['a ring with an empty place', `${secret},`, 'fewer than 32 bytes'],
] as const)('a secret is refused that is %s, in development too, and is not repeated', ([, value, fault]) => {
  for (const environment of [{}, production]) {
    const problems = problemsOf({ ...environment, JWT_SECRET: value });
    expect(problems.join()).toContain(fault);
    expect(problems.join()).not.toContain(secret);
  }
});

const turn = { TURN_URLS: 'turn:turn.example.org', TURN_SECRET: secret };

test('STUN and TURN servers are read as they stand, in their order', () => {
  const stunUrls = ['stun:a.example', 'stun:b.example:3478', 'stuns:c.example:5349', 'stun:192.0.2.1', 'stun:[2001:db8::1]:19302'];
  const urls = [
    'turn:a.example',
    'turn:turn_1.example:3478?transport=udp',
    'turns:c.example:443?transport=tcp',
    'turn:192.0.2.1:80',
    'turns:[2001:db8::1]',
    'turn:localhost',
  ];
  const environment = { STUN_URLS: stunUrls.join(' , '), TURN_URLS: urls.join(), TURN_SECRET: secret, TURN_TTL_SECONDS: '60' };
  for (const mode of [{}, production]) {
    expect(loadConfig({ ...mode, ...environment }).ice).toEqual({ stunUrls, turn: { urls, secret, ttlSeconds: 60 } });
  }
});

test.for([
  ['another scheme', 'http:a.example', 'https:a.example'],
  ['no scheme', 'a.example:3478', 'a.example:3478'],
  ['the scheme of the other kind', 'turn:a.example', 'stun:a.example'],
  ['slashes', 'stun://a.example', 'turn://a.example'],
  ['no host', 'stun:', 'turn:?transport=udp'],
  ['a user and a password', 'stun:user:word@a.example', 'turn:user:word@a.example'],
  ['a path', 'stun:a.example/', 'turn:a.example/path'],
  ['a fragment', 'stun:a.example#x', 'turn:a.example#x'],
  ['no port after its colon', 'stun:a.example:', 'turns:a.example:?transport=tcp'],
  ['a port that is no number', 'stun:a.example:3478x', 'turn:a.example:port'],
  ['a port of 0', 'stun:a.example:0', 'turn:a.example:0'],
  ['a port that is too large', 'stun:a.example:65536', 'turn:a.example:99999'],
  ['an IPv6 address without brackets', 'stun:2001:db8::1', 'turn:2001:db8::1'],
  ['an IPv6 address that is none', 'stun:[2001:db8:::1]', 'turn:[12345::]:3478'],
  ['an IPv4 address that is none', 'stun:192.0.2.256', 'turn:300.0.0.1'],
  ['an empty label', 'stun:a..example', 'turn:.a.example'],
  ['a space', 'stun:a.example b.example', 'turn:a.example b.example'],
  ['a query that is not of the scheme', 'stun:a.example?transport=udp', 'turn:a.example?ttl=5'],
  ['a transport that no browser has', 'stun:a.example?transport=tcp', 'turn:a.example?transport=sctp'],
] as const)('a URL of a STUN or TURN server is refused that has %s', ([, stunUrl, turnUrl]) => {
  expect(problemsOf({ STUN_URLS: `stun:good.example,${stunUrl}` })).toEqual([expect.stringMatching(/^STUN_URLS has to be a list of URLs/)]);
  expect(problemsOf({ ...turn, TURN_URLS: `${turnUrl},turn:good.example` })).toEqual([
    expect.stringMatching(/^TURN_URLS has to be a list of URLs/),
  ]);
});

test('TURN servers and the secret that they share come together', () => {
  for (const mode of [{}, production]) {
    expect(problemsOf({ ...mode, TURN_URLS: turn.TURN_URLS })).toEqual([
      expect.stringMatching(/^TURN_SECRET has to be set where TURN_URLS/),
    ]);
    expect(problemsOf({ ...mode, TURN_SECRET: secret })).toEqual([expect.stringMatching(/^TURN_URLS has to be set where TURN_SECRET/)]);
    expect(problemsOf({ ...mode, TURN_SECRET: secret, TURN_URLS: ' , ' })).toHaveLength(1);
    expect(problemsOf({ ...mode, STUN_URLS: 'stun:a.example' })).toEqual([]);
  }
});

test.for([
  ['too short', secret.slice(1), 'fewer than 32 bytes'],
  ['two letters again and again', 'ab'.repeat(32), 'placeholder'],
  ['a word that asks to be replaced', `change-me-${secret}`, 'placeholder'],
] as const)('in production a TURN secret is refused that is %s, and is not repeated', ([, value, fault]) => {
  const problems = problemsOf({ ...production, ...turn, TURN_SECRET: value });
  expect(problems).toEqual([expect.stringMatching(new RegExp(`^TURN_SECRET .*${fault}`))]);
  expect(problems.join()).not.toContain(value);
  expect(problemsOf({ ...turn, TURN_SECRET: value })).toEqual([]);
});

const whsec = (bytes: number) => `whsec_${Buffer.from(Array.from({ length: bytes }, (_, n) => n * 7)).toString('base64')}`;
const webhook = { WEBHOOK_URL: 'https://hooks.example/calls?tenant=7', WEBHOOK_SECRET: whsec(32) };

test('a webhook has a URL and a secret, or several while a receiver changes from one to the next', () => {
  const target = { url: webhook.WEBHOOK_URL, secrets: [whsec(32)], allowPrivate: false };
  for (const environment of [{}, production]) expect(loadConfig({ ...environment, ...webhook })).toMatchObject({ webhook: target });
  const two = loadConfig({ ...webhook, WEBHOOK_SECRET: `${whsec(24)}, ${whsec(64)}`, WEBHOOK_ALLOW_PRIVATE: 'on' });
  expect(two.webhook).toEqual({ ...target, secrets: [whsec(24), whsec(64)], allowPrivate: true });
  expect(loadConfig({ WEBHOOK_SECRET: whsec(32), WEBHOOK_ALLOW_PRIVATE: 'on' }).webhook).toBeNull();
});

test.for([
  ['no URL', 'nowhere', 'an http:// or https:// URL'],
  ['of another scheme', 'ftp://hooks.example/', 'an http:// or https:// URL'],
  ['with credentials', 'https://ana:secret@hooks.example/', 'without a user name and a password'],
  ['with a user name', 'https://ana@hooks.example/', 'without a user name and a password'],
  ['this machine', 'http://127.0.0.1:8080/', 'public internet'],
  ['this machine, as a number', 'http://2130706433/', 'public internet'],
  ['this machine, in hexadecimal', 'http://0x7f.1/', 'public internet'],
  ['this machine, in IPv6', 'https://[::1]/', 'public internet'],
  ['this machine, mapped to IPv6', 'https://[::ffff:127.0.0.1]/', 'public internet'],
  ['no address', 'http://0.0.0.0/', 'public internet'],
  ['a private network', 'https://192.168.1.20/', 'public internet'],
  ['a unique local address', 'https://[fd00::1]/', 'public internet'],
  ['the metadata of a cloud', 'http://169.254.169.254/latest/', 'public internet'],
] as const)('a WEBHOOK_URL is refused that is %s', ([, url, fault]) => {
  const problems = problemsOf({ ...webhook, WEBHOOK_URL: url });
  expect(problems).toEqual([expect.stringMatching(new RegExp(`^WEBHOOK_URL has to be .*${fault}`))]);
  expect(problems.join()).not.toContain('secret');
});

test('a private address, and http in production, are allowed where WEBHOOK_ALLOW_PRIVATE says so, credentials are not', () => {
  const url = 'http://10.0.0.7:8080/calls';
  for (const environment of [{}, production]) {
    const allowed = { ...environment, ...webhook, WEBHOOK_URL: url, WEBHOOK_ALLOW_PRIVATE: 'on' };
    expect(loadConfig(allowed).webhook).toMatchObject({ url, allowPrivate: true });
    expect(problemsOf({ ...allowed, WEBHOOK_URL: 'http://ana:x@10.0.0.7/' })).toHaveLength(1);
  }
  expect(problemsOf({ ...production, ...webhook, WEBHOOK_URL: 'http://hooks.example/' })).toEqual([
    expect.stringMatching(/^WEBHOOK_URL has to be an https:\/\/ URL in production/),
  ]);
  expect(loadConfig({ ...webhook, WEBHOOK_URL: 'http://hooks.example/' }).webhook).not.toBeNull();
});

test.for([
  ['absent', ''],
  ['without its prefix', whsec(32).slice(6)],
  ['of 23 bytes', whsec(23)],
  ['of 65 bytes', whsec(65)],
  ['no base64', `whsec_${'*'.repeat(44)}`],
  ['base64 for URLs', `whsec_${'-_'.repeat(22)}`],
  ['base64 that is cut', whsec(32).slice(0, -1)],
  ['one byte again and again', `whsec_${Buffer.alloc(32, 1).toString('base64')}`],
  ['good, and another that is not', `${whsec(32)},${whsec(20)}`],
  ['good, with an empty place behind it', `${whsec(32)},`],
] as const)('a WEBHOOK_SECRET is refused that is %s, and is not repeated', ([, value]) => {
  const problems = problemsOf({ ...webhook, WEBHOOK_SECRET: value });
  expect(problems).toEqual([expect.stringMatching(/^WEBHOOK_SECRET has to be /)]);
  if (value !== '') expect(problems.join()).not.toContain(value.slice(6, 20));
});

test('production says what it lacks, all at once', () => {
  expect(problemsOf({ NODE_ENV: 'production', BCRYPT_COST: '9' })).toEqual([
    expect.stringMatching(/^JWT_SECRET has to be set in production/),
    expect.stringMatching(/^DATABASE_URL has to be set in production/),
    expect.stringMatching(/^BCRYPT_COST has to be 10 or more/),
  ]);
});

test('every fault is listed at once, of whatever kind', () => {
  const faulty = {
    NODE_ENV: 'production',
    PORT: 'x',
    MIGRATE: 'yes',
    LIMIT_NOTHING: '1',
    LIMIT_SIGNAL_BYTES: 'x',
    JWT_SECRET: 'short',
    BCRYPT_COST: '4',
    STUN_URLS: 'stun.example.org',
    TURN_SECRET: 'short',
  };
  const problems = problemsOf(faulty);
  for (const name of [
    'PORT',
    'MIGRATE',
    'LIMIT_NOTHING',
    'LIMIT_SIGNAL_BYTES',
    'JWT_SECRET',
    'BCRYPT_COST',
    'DATABASE_URL',
    'STUN_URLS',
    'TURN_URLS',
    'TURN_SECRET',
  ]) {
    expect(problems.filter((problem) => problem.startsWith(name))).toHaveLength(1);
  }
  expect(problems).toHaveLength(10);
});

/** The variables of .env.example with their values, each with the comment line before it. */
const example = [...readFileSync('.env.example', 'utf8').matchAll(/^# (.+)\n#([A-Z_]+)=(.*)$/gm)].map(
  ([, meaning = '', name = '', value = '']) => ({ meaning, name, value }),
);

test('.env.example names each variable once with a line of meaning, and no other', () => {
  expect(example.map(({ name }) => name).toSorted()).toEqual(environmentNames.toSorted());
  expect(readFileSync('.env.example', 'utf8').match(/^#?[A-Z_]+=/gm)).toHaveLength(environmentNames.length);
});

test('.env.example shows the defaults: copied with every line in force it changes nothing', () => {
  const values = Object.fromEntries(example.map(({ name, value }) => [name, value]));
  expect(loadConfig(values)).toEqual({ ...loadConfig({}), portIsFixed: true });
});

test('.env.example and the limits say the same of each limit', () => {
  const limits = example.filter(({ name }) => name.startsWith('LIMIT_'));
  expect(limits).toEqual(
    Object.entries(limitDefinitions).map(([name, { default: value, meaning }]) => ({ name, meaning, value: String(value) })),
  );
});

test('.env.example copied as it is sets nothing', () => {
  const { stdout } = spawnSync(process.execPath, ['--env-file=.env.example', '-p', 'JSON.stringify(process.env)'], {
    encoding: 'utf8',
    env: {},
  });
  for (const name of environmentNames) expect(JSON.parse(stdout)).not.toHaveProperty(name);
});
