import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { errorCodes } from '../../src/errors.js';
import { root } from '../support/build.js';
import { Dice } from '../support/dice.js';
import { signUp, twoInACall, type Device } from '../support/device.js';
import { fewAtATime } from '../support/few-at-a-time.js';
import { figures, ms, percentile, secondsSince } from '../support/figures.js';
import { FrameSocket } from '../support/frame-socket.js';
import { GeneratedOperations, type GeneratedOperation } from '../support/generated-operations.js';
import { mangledFrames } from '../support/mangled-frames.js';
import { metricsOf } from '../support/metrics-page.js';
import { RawSocket, type RawAnswer } from '../support/raw-socket.js';
import { startProcessForTest, type ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

const operations = 20_000;
const perRound = 200;
const atOnce = 20;
const frames = 2_000;
const framesAtOnce = 50;
const mostLines = 100;
const schema = buildSchema(readFileSync(join(root, 'schema/schema.graphql'), 'utf8'));

test(`${operations.toLocaleString('en')} generated operations over both transports have no internal error, end nothing, and fill no log`, async () => {
  const dice = Dice.fromEnvironment();
  console.log(`  fuzz: SEED=${dice.seed}`);
  const server = await start();
  const startedAt = performance.now();
  const tookMs: number[] = [];
  const outcomes = new Map<string, number>();
  for (let done = 0; done < operations; done += perRound) {
    // Anybody may have been signed out, or be gone, by what came before.
    const people = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben'), signUp(server, 'cleo')]);
    const [ana, ben] = people as [Device, Device, Device];
    const { id } = await ana.ring(ben);
    const known = [id, randomUUID(), ...people.flatMap(({ userId, id: deviceId, session }) => [userId, deviceId, session.user.username])];
    const generated = new GeneratedOperations({ schema, dice, known });
    const wires = new Wires(server, [null, ...people.map(({ token }) => token)]);
    await fewAtATime(perRound, atOnce, async (n) => {
      const operation = generated.next();
      const askedAt = performance.now();
      const outcome = await wires.outcome(n, operation);
      tookMs.push(performance.now() - askedAt);
      for (const code of outcome) {
        outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
        if (code !== 'OK' && !(code in errorCodes)) expect({ code, operation }).toBeNull();
        if (code === 'INTERNAL') expect({ code, operation }).toBeNull();
      }
    });
    wires.close();
  }
  const lines = logged(server);
  figures(`${operations.toLocaleString('en')} generated operations, half of them over sockets`, {
    'answered, by what': [...outcomes]
      .toSorted(([, a], [, b]) => b - a)
      .map(([code, times]) => `${times.toLocaleString('en')} ${code}`)
      .join(', '),
    'answered within': `${ms(percentile(tookMs, 0.5))}, p99 ${ms(percentile(tookMs, 0.99))}, at most ${ms(Math.max(...tookMs))}`,
    'internal errors': outcomes.get('INTERNAL') ?? 0,
    [`lines of the log (at most ${mostLines})`]: lines.length,
    took: secondsSince(startedAt),
  });
  expect(tookMs).toHaveLength(operations);
  // Or it would be noise that is refused at the door.
  const refusedAtTheDoor = ['BAD_QUERY', 'LIMIT_EXCEEDED', 'UNAUTHENTICATED'];
  const carriedOut = [...outcomes].filter(([code]) => !refusedAtTheDoor.includes(code)).reduce((sum, [, times]) => sum + times, 0);
  expect(carriedOut).toBeGreaterThan(operations / 4);
  await isWell(server, lines);
});

test(`${frames.toLocaleString('en')} malformed frames close their socket with a code that says why, or are answered, and leave nothing behind`, async () => {
  const dice = Dice.fromEnvironment();
  console.log(`  malformed frames: SEED=${dice.seed}`);
  const server = await start();
  const { token } = await signUp(server);
  const codes = new Map<string, number>();
  await fewAtATime(frames, framesAtOnce, async () => {
    const beginning = dice.oneOf([{}, { acknowledged: true }, { acknowledged: true, token }]);
    const socket = await FrameSocket.open(server.webSocketUrl, beginning);
    await socket.write(mangledFrames(dice));
    const said = await until('a close', () => socket.closeCode, { withinMs: 150 }).catch(() => 'stays open');
    codes.set(String(said), (codes.get(String(said)) ?? 0) + 1);
    socket.cut();
  });
  const lines = logged(server);
  figures(`${frames.toLocaleString('en')} sockets with malformed frames`, {
    'closed, by code': [...codes]
      .toSorted(([, a], [, b]) => b - a)
      .map(([code, times]) => `${times} ${code}`)
      .join(', '),
    [`lines of the log (at most ${mostLines})`]: lines.length,
  });
  expect([...codes.keys()]).not.toContain('1011');
  expect(codes.size).toBeGreaterThan(4);
  await isWell(server, lines);
});

/** What a socket says by its close, as the code of an answer. */
const saidByClose: Readonly<Record<number, string>> = { 4400: 'BAD_QUERY', 4403: 'UNAUTHENTICATED' };

/** Rates apart, as it is run: what it logs is looked at. */
function start(): Promise<ServerProcess> {
  return startProcessForTest({ environment: { LOG_LEVEL: 'info' }, keepsAll: true });
}

function logged({ output }: ServerProcess): string[] {
  return output.split('\n').filter((line) => line.startsWith('{'));
}

async function isWell(server: ServerProcess, lines: readonly string[]): Promise<void> {
  expect(lines.filter((line) => /"level":[56]0/.test(line))).toEqual([]);
  expect(lines.length).toBeLessThanOrEqual(mostLines);
  expect(server.isAlive).toBe(true);
  const sockets = async () => (await metricsOf(server)).value('sockets');
  await until('the sockets to be gone', async () => (await sockets()) === 0, { withinMs: 30_000 });
  const { ana, ben, callId } = await twoInACall(server);
  await ana.send(callId, 'CUSTOM', 'as ever');
  await ben.received('as ever');
  await Promise.all([ana.leave(), ben.leave()]);
}

/** The ways in that operations take in turn: a request, or a socket that is kept until it is closed. */
class Wires {
  readonly #server: ServerProcess;
  readonly #tokens: readonly (string | null)[];
  readonly #sockets = new Map<string | null, Promise<RawSocket>>();
  #asked = 0;

  constructor(server: ServerProcess, tokens: readonly (string | null)[]) {
    this.#server = server;
    this.#tokens = tokens;
  }

  /** The codes of what it was answered: OK where there are no errors. */
  async outcome(n: number, operation: GeneratedOperation): Promise<string[]> {
    const token = this.#tokens[n % this.#tokens.length] ?? null;
    const { errors } = n % 8 < 4 ? await this.#post(token, operation) : await this.#ask(token, operation);
    return errors === undefined ? ['OK'] : [...new Set(errors.map(({ extensions }) => String(extensions?.['code'])))];
  }

  close(): void {
    for (const socket of this.#sockets.values()) void socket.then((it) => it.terminate());
  }

  async #post(token: string | null, operation: GeneratedOperation): Promise<RawAnswer> {
    const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
    const headers = { 'content-type': 'application/json', ...authorization };
    const response = await fetch(this.#server.url, { method: 'POST', headers, body: JSON.stringify(operation) });
    if (response.status >= 500) throw new Error(`${response.status}: ${JSON.stringify(operation)}`);
    return (await response.json()) as RawAnswer;
  }

  /** A subscription is over after its first event. A socket that was closed is opened anew. */
  async #ask(token: string | null, operation: GeneratedOperation): Promise<RawAnswer> {
    const id = `${(this.#asked += 1)}`;
    const opening = this.#sockets.get(token) ?? this.#open(token);
    this.#sockets.set(token, opening);
    const socket = await opening;
    const closed = socket.closed.then(({ code }) => {
      this.#sockets.delete(token);
      return code;
    });
    await socket.send({ id, type: 'subscribe', payload: operation });
    const heard = until('an answer', () => socket.frames.find((it) => it.id === id), { withinMs: 10_000 });
    heard.catch(() => undefined);
    const answer = await Promise.race([heard, closed]);
    if (typeof answer === 'number') return { errors: [{ message: '', extensions: { code: saidByClose[answer] ?? `${answer}` } }] };
    await socket.send({ id, type: 'complete' });
    return answer.type === 'error' ? { errors: answer.payload as NonNullable<RawAnswer['errors']> } : ((answer.payload ?? {}) as RawAnswer);
  }

  /** Acknowledged, or closed: whose token it is may have been signed out. */
  async #open(token: string | null): Promise<RawSocket> {
    const socket = new RawSocket(this.#server.webSocketUrl);
    await socket.send({ type: 'connection_init', ...(token === null ? {} : { payload: { Authorization: `Bearer ${token}` } }) });
    const acknowledged = socket.frame('connection_ack');
    acknowledged.catch(() => undefined);
    await Promise.race([acknowledged, socket.closed]);
    return socket;
  }
}
