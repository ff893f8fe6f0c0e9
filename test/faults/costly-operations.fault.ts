import { expect, test } from 'vitest';
import { HealthyTalk, told } from '../scenarios/healthy-talk.js';
import { signUp } from '../support/device.js';
import { fewAtATime } from '../support/few-at-a-time.js';
import { figures } from '../support/figures.js';
import { RawSocket } from '../support/raw-socket.js';
import { startProcessForTest, type ServerProcess } from '../support/server-process.js';

const times = (count: number, write: (n: number) => string): string => Array.from({ length: count }, (_, n) => write(n)).join(' ');
const user = '{ id username displayName createdAt online }';

/** As deep and as wide as the limits allow, or past them; a number makes each a text of its own, which no cache has. */
const costly: Readonly<Record<string, (n: number) => string>> = {
  'past the depth': (n) => `query Q${n} { ${'calls { edges { node '.repeat(20)}{ id }${' } }'.repeat(20)} }`,
  'past the tokens, in 256 KiB': (n) => `query Q${n} { me { ${'id '.repeat(80_000)} } }`,
  'fragments that double without end': (n) =>
    `query Q${n} { ...F0 } ${times(30, (at) => `fragment F${at} on Query { ...F${at + 1} ...F${at + 1} }`)} fragment F30 on Query { __typename }`,
  'unknown fields, each with a suggestion': (n) => `query Q${n} { me { ${times(300, (at) => `usernam${at}`)} } }`,
  'as wide as may be': (n) =>
    `query Q${n} { ${times(5, (at) => `c${at}: calls(first: 100) { edges { node { id status caller ${user} callee ${user} } } }`)} }`,
  'as deep as may be': (n) =>
    `query Q${n} { calls(first: 100) { edges { node { id caller ${user} callee ${user} timeline { at kind user ${user} } } } } }`,
};
const attackers = 5;
const atOnce = 20;
const seconds = 5;
const calls = 30;

test('costly operations are refused or carried out at their rate, and who talks is served beside them', async () => {
  const server = await startProcessForTest({ environment: { LIMIT_OPERATIONS_PER_SECOND: '50', LIMIT_OPERATIONS_IN_FLIGHT: '64' } });
  const talk = await HealthyTalk.begin(server);
  const before = await talk.during(seconds * 1_000);
  const sockets = await Promise.all(Array.from({ length: attackers }, () => withHistory(server)));
  const values: Record<string, string> = { before: told(before) };
  let asked = 0;
  for (const [name, write] of Object.entries(costly)) {
    const from = server.cpuSeconds;
    const until = performance.now() + seconds * 1_000;
    const answers = new Map<string, number>();
    const attack = fewAtATime(attackers * atOnce, attackers * atOnce, async (n) => {
      while (performance.now() < until) {
        asked += 1;
        const { errors } = await sockets[n % attackers]!.ask(write(asked), {}, `${asked}`);
        const outcome = errors === undefined ? 'OK' : String(errors[0]?.extensions?.['code']);
        answers.set(outcome, (answers.get(outcome) ?? 0) + 1);
      }
    });
    const during = await talk.during(attack);
    const all = [...answers.values()].reduce((sum, count) => sum + count, 0);
    values[`${name}: ${[...answers].map(([code, count]) => `${count} ${code}`).join(', ')}`] =
      `${told(during)}; ${((1_000 * (server.cpuSeconds - from)) / all).toFixed(1)} ms of a core each, the talk included`;
    expect([...answers.keys()]).not.toContain('INTERNAL');
    expect(during.mostMs).toBeLessThan(2_000);
  }
  const faulty = await talk.end();
  figures(`operations that cost, from ${attackers} sockets, ${attackers * atOnce} at once`, values);
  for (const socket of sockets) socket.terminate();
  expect(faulty).toBe(0);
  expect(server.isAlive).toBe(true);
});

/** The socket of somebody who has had some calls. */
async function withHistory(server: ServerProcess): Promise<RawSocket> {
  const [attacker, other] = await Promise.all([signUp(server), signUp(server)]);
  for (let n = 0; n < calls; n += 1) {
    const { id } = await attacker.ring(other);
    await other.accept(id);
    await attacker.end(id);
  }
  return RawSocket.connect(server.webSocketUrl, attacker.token);
}
