import { expect, test } from 'vitest';
import { loadConfig } from '../src/config.js';
import { searchForSecrets } from './scenarios/search-for-secrets.js';
import { Canaries } from './support/canaries.js';
import { createDatabase } from './support/database.js';
import { freePort } from './support/free-port.js';
import { Overheard } from './support/overheard.js';
import { ServerProcess } from './support/server-process.js';

test(
  'no secret is told by a server that logs all it can: not by an answer, a frame, a close, its log, a webhook or its database',
  { timeout: 120_000 },
  async () => {
    const { found, log, ...figures } = await searchForSecrets({
      environment: { LOG_LEVEL: 'trace' },
      during: ['repeats a row in an exception'],
    });
    console.log('  canaries:', figures);
    expect(found).toEqual([]);
    expect(figures.werePayloadsKept).toBe(true);
    expect(figures.secrets).toBeGreaterThan(900);
    expect(figures.words).toBeGreaterThan(2_000);
    // It was a log worth searching.
    const lines = ['"level":20,', 'a call changed', 'an operation failed unexpectedly', 'a webhook was not accepted', 'stopping'];
    expect(lines.filter((line) => !log.includes(line))).toEqual([]);
  },
);

test('the search finds a secret as it is, in pieces, and written in other ways', () => {
  const canaries = new Canaries();
  const secret = canaries.make('password');
  const payload = canaries.make('payload', 'while signals are');
  canaries.keep('access_token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE');
  const asBase64 = (text: string) => Buffer.from(text).toString('base64');
  for (const text of [
    `"${secret}"`,
    secret.slice(0, 25),
    secret.slice(-17),
    encodeURIComponent(JSON.stringify({ secret })),
    ...['', 'a', 'ab'].map((before) => asBase64(`${before}${secret} and more`)),
    `\\x${Buffer.from(secret).toString('hex')}`,
  ]) {
    expect(canaries.in(`before ${text} behind`)).toEqual(['password']);
  }
  expect(canaries.in('"abcdefghijklmnopqrst"')).toEqual(['access_token']);
  expect(canaries.in(`${secret} ${payload}`, 'never')).toEqual(['password']);
  expect(canaries.in(`${secret} ${payload}`, 'while signals are')).toEqual(['payload']);
  expect(canaries.in('password payload access_token eyJhbGciOiJIUzI1NiJ9')).toEqual([]);
});

test('a secret belongs to the place of an answer where it was asked for, and to no other', () => {
  const told: string[] = [];
  const overheard = new Overheard((what, secret) => told.push(`${what}: ${secret}`));
  const say = (answer: object): string => {
    overheard.hearAnswer('here', JSON.stringify(answer));
    return overheard.words.at(-1)!.text;
  };
  expect(say({ data: { login: { accessToken: 'A', refreshToken: 'B', user: { username: 'C' } } } })).toContain('C');
  expect(say({ id: '1', type: 'next', payload: { data: { inbox: { payload: 'D', kind: 'E' } } } })).not.toContain('"D"');
  expect(told).toEqual(['access_token: A', 'refresh_token: B', 'payload: D']);
  for (const wrong of [
    { data: { me: { accessToken: 'X' } } },
    { data: { login: { user: { accessToken: 'X' } } } },
    { data: { call: { payload: 'X' } } },
    { errors: [{ message: 'X', path: ['data', 'login', 'accessToken'] }] },
    { payload: 'X' },
  ]) {
    expect(say(wrong)).toContain('X');
  }
});

test('a server that cannot start repeats no secret of its configuration', async () => {
  const canaries = new Canaries();
  const secret = () => canaries.make('configured');
  const refusals = [
    { DATABASE_URL: `postgres://somebody:${secret()}@127.0.0.1:port/x` },
    { DATABASE_URL: `mysql://somebody:${secret()}@127.0.0.1/x`, REDIS_URL: `http://:${secret()}@127.0.0.1/` },
    { JWT_SECRET: `${secret()},${secret()},k:short`, NODE_ENV: 'production' },
    { JWT_SECRET: `change-me-${secret()}`, TURN_SECRET: `example-${secret()}`, NODE_ENV: 'production' },
    { WEBHOOK_URL: `https://somebody:${secret()}@example.com/`, WEBHOOK_SECRET: secret(), TURN_SECRET: secret() },
    { WEBHOOK_URL: 'https://example.com/', WEBHOOK_SECRET: `whsec_${secret()}`, CORS_ORIGINS: secret(), TRUST_PROXY: secret() },
    { PORT: secret(), LOG_LEVEL: secret(), LIMIT_SIGNAL_BYTES: secret(), STUN_URLS: secret(), TURN_URLS: `turn:a:${secret()}` },
  ].map((environment) => refusalOf(environment));
  const database = new URL(await createDatabase());
  const password = secret();
  for (const place of [{}, { port: String(await freePort(['127.0.0.1'])) }]) {
    const { href } = Object.assign(new URL(database), { username: 'somebody', password, ...place });
    const server = await ServerProcess.launch({ environment: { LOG_LEVEL: 'trace', DATABASE_URL: href }, keepsAll: true });
    expect((await server.ended()).code).toBe(1);
    refusals.push(server.output);
  }
  for (const text of refusals) expect([text, ...canaries.in(text)]).toEqual([expect.stringMatching(/./)]);
});

function refusalOf(environment: Record<string, string>): string {
  try {
    loadConfig(environment);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
