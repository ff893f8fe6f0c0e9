import { expect, test } from 'vitest';
import { HealthyTalk, told } from '../scenarios/healthy-talk.js';
import { LoginFlood } from '../scenarios/login-flood.js';
import { figures, ms, percentile, secondsSince } from '../support/figures.js';
import { startProcessForTest } from '../support/server-process.js';

const guesses = 500;
const people = 10;
const quietMs = 8_000;

test(`${guesses} logins at once are answered or told to wait, and who talks does not notice`, async () => {
  const server = await startProcessForTest({ environment: { BCRYPT_COST: '12', LIMIT_LOGINS_PER_MINUTE: '0' } });
  // A hash of the real cost for each of those who only talk would take longer than all the rest.
  const quick = await startProcessForTest({ environment: { DATABASE_URL: server.databaseUrl } });
  const talk = await HealthyTalk.begin(server, quick);
  await quick.kill();
  const flood = await LoginFlood.begin(server, people);
  // A node in use has compiled long ago what it runs: the first flood is not looked at.
  await guessOnce(flood);
  await talk.during(1_000);
  // The machine is shared: the greater part of three decides, and two that agree are it.
  const held: boolean[] = [];
  while (held.filter(Boolean).length < 2 && held.filter((it) => !it).length < 2) held.push(await holdsUnder(flood, talk));
  expect(held.filter(Boolean).length).toBe(2);
  expect(await talk.end()).toBe(0);
});

/** Whether who talks has not noticed this flood. What does not hang on the machine is expected of each. */
async function holdsUnder(flood: LoginFlood, talk: HealthyTalk): Promise<boolean> {
  const before = await talk.during(quietMs);
  const wires = await flood.connect(guesses);
  await talk.during(1_000);
  const startedAt = performance.now();
  const guessing = flood.guess(wires);
  const signing = flood.signIn();
  const during = await talk.during(Promise.all([guessing, signing]));
  const took = secondsSince(startedAt);
  const [guessed, signedIn] = await Promise.all([guessing, signing]);
  for (const wire of wires) wire.cut();

  const attempts = [...guessed, ...signedIn.flatMap((it) => it.attempts)];
  const outcomes = Object.entries(Object.groupBy(attempts, ({ outcome }) => outcome));
  const refused = attempts.filter(({ outcome }) => outcome === 'TOO_BUSY');
  const waits = refused.map(({ retryAfterMs }) => retryAfterMs);
  const refusalMs = refused.map(({ tookMs }) => tookMs);
  figures(`${guesses} logins at once, half for nobody, half with a wrong password, half of them over sockets`, {
    outcomes: outcomes.map(([outcome, all]) => `${all?.length} ${outcome}`).join(', '),
    'answered within (at most 15,000 ms)': ms(Math.max(...attempts.map(({ tookMs }) => tookMs))),
    'told to wait': `${ms(Math.min(...waits))} to ${ms(Math.max(...waits))}, within ${ms(percentile(refusalMs, 0.99))}`,
    [`${people} people with the right password in, by waiting as told`]: `after ${ms(Math.max(...signedIn.map(({ tookMs }) => tookMs)))}`,
    'signals before': told(before),
    [`signals meanwhile, for ${took} (p99 at most twice that)`]: told(during),
  });
  expect(guessed.filter(({ outcome }) => outcome !== 'TOO_BUSY' && outcome !== 'INVALID_CREDENTIALS')).toEqual([]);
  expect(signedIn.filter(({ attempts: all }) => all.at(-1)?.outcome !== 'OK')).toEqual([]);
  expect(refused.length).toBeGreaterThan(guesses / 2);
  expect(Math.min(...waits)).toBeGreaterThan(0);
  return during.p99Ms <= 2 * before.p99Ms;
}

async function guessOnce(flood: LoginFlood): Promise<void> {
  const wires = await flood.connect(guesses);
  await flood.guess(wires);
  for (const wire of wires) wire.cut();
}
