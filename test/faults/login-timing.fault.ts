import { expect, test } from 'vitest';
import { loginOperation } from '../../src/client/operations.js';
import { signUp } from '../support/device.js';
import { figures, percentile } from '../support/figures.js';
import { FrameSocket } from '../support/frame-socket.js';
import { HttpWire } from '../support/http-wire.js';
import { startProcessForTest } from '../support/server-process.js';
import { transports } from '../support/transports.js';

const rounds = 200;
const mostApart = 0.05;

/** Of both, the share by which the second differs. */
const apart = (one: readonly number[], other: readonly number[]): number => percentile(other, 0.5) / percentile(one, 0.5) - 1;

test(`an unknown user and a wrong password are told apart neither by the answer nor, to 5 %, by its time`, async () => {
  // Cheaper than in production, so that 5 % of it are less than a query of the database: what is left out would show.
  const server = await startProcessForTest({ environment: { BCRYPT_COST: '8', LIMIT_LOGINS_PER_MINUTE: '0' } });
  const { session } = await signUp(server);
  for (const transport of transports) {
    const wire =
      transport === 'HTTP' ? await HttpWire.open(server.url) : await FrameSocket.open(server.webSocketUrl, { acknowledged: true });
    const answers = new Set<string>();
    const time = async (username: string): Promise<number> => {
      const startedAt = performance.now();
      const answer = await wire.ask(String(loginOperation), { input: { username, password: 'not the password' } });
      const tookMs = performance.now() - startedAt;
      answers.add(JSON.stringify(answer));
      return tookMs;
    };
    const unknown: number[] = [];
    const wrong: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const ask = [async () => unknown.push(await time(`nobody-${round}`)), async () => wrong.push(await time(session.user.username))];
      // Whoever comes first is not always the same.
      for (const next of round % 2 === 0 ? ask : ask.toReversed()) await next();
    }
    wire.cut();

    figures(`${rounds} logins of an unknown user and ${rounds} with a wrong password over ${transport}, interleaved`, {
      'different answers': answers.size,
      'median for an unknown user': `${percentile(unknown, 0.5).toFixed(2)} ms`,
      'median for a wrong password': `${percentile(wrong, 0.5).toFixed(2)} ms`,
      'apart (at most 5 %)': `${(100 * apart(unknown, wrong)).toFixed(1)} %`,
    });
    expect([...answers].map((answer) => JSON.parse(answer) as object)).toMatchObject([
      { errors: [{ extensions: { code: 'INVALID_CREDENTIALS' } }] },
    ]);
    expect(Math.abs(apart(unknown, wrong))).toBeLessThan(mostApart);
  }
});
