import { expect, test } from 'vitest';
import { SwitchboardError } from '../src/client/index.js';
import { SignalQueue, type SendSignal } from '../src/client/signal-queue.js';
import { until } from './support/until.js';

type Sent = Parameters<SendSignal>[0];

/** A queue whose sending the test answers, one signal after the other. */
function openQueue() {
  const sent: Sent[] = [];
  const failures: Error[] = [];
  const answers: PromiseWithResolvers<void>[] = [];
  const queue = new SignalQueue({
    send: (signal) => {
      sent.push(signal);
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      return answer.promise;
    },
    onFailure: (error) => failures.push(error),
  });
  /** Answers what is under way, once it is. */
  const answer = async (error?: Error): Promise<void> => {
    const next = await until('a signal under way', () => answers.shift());
    if (error === undefined) next.resolve();
    else next.reject(error);
  };
  return { queue, sent, failures, answer, payloads: () => sent.map(({ payload }) => payload) };
}

test.concurrent('one signal is under way at a time, in order', async () => {
  const { queue, answer, payloads } = openQueue();
  const all = Promise.all(['1', '2', '3'].map((payload) => queue.push('CUSTOM', payload)));
  expect(payloads()).toEqual(['1']);
  await answer();
  await until('the second', () => payloads().length === 2);
  await answer();
  await answer();
  await all;
  expect(payloads()).toEqual(['1', '2', '3']);
});

test.concurrent('who waits for one before sending the next is served as well', async () => {
  const { queue, answer, payloads } = openQueue();
  for (const payload of ['1', '2', '3']) await Promise.all([queue.push('CUSTOM', payload), answer()]);
  const chained = (async () => {
    await queue.push('CUSTOM', '4');
    await queue.push('CUSTOM', '5');
    await queue.push('CUSTOM', '6');
  })();
  for (let left = 3; left > 0; left -= 1) await answer();
  await chained;
  expect(payloads()).toEqual(['1', '2', '3', '4', '5', '6']);
});

test.concurrent('candidates that gather while one is under way go as one array, in order, and the end of them behind', async () => {
  const { queue, sent, answer } = openQueue();
  const candidate = (n: number): string => JSON.stringify({ candidate: `candidate:${n}`, sdpMid: '0' });
  const offer = queue.push('OFFER', 'v=0');
  for (const n of [1, 2, 3]) queue.pushCandidate(candidate(n));
  const end = queue.push('ICE_CANDIDATE', '');
  queue.pushCandidate(candidate(4));
  await answer();
  await offer;
  await answer();
  await answer();
  await end;
  await answer();
  expect(sent.map(({ kind, payload }) => [kind, payload])).toEqual([
    ['OFFER', 'v=0'],
    ['ICE_CANDIDATE', `[${candidate(1)},${candidate(2)},${candidate(3)}]`],
    ['ICE_CANDIDATE', ''],
    ['ICE_CANDIDATE', candidate(4)],
  ]);
});

test.concurrent('what is under way is not added to: a retry has to be the same', async () => {
  const { queue, sent, answer } = openQueue();
  queue.pushCandidate('{"candidate":"1"}');
  queue.pushCandidate('{"candidate":"2"}');
  await answer(new SwitchboardError('TOO_BUSY', 'Busy.', { retryAfterMs: 1 }));
  await until('the retry', () => sent.length === 2);
  queue.pushCandidate('{"candidate":"3"}');
  await answer();
  await until('the others', () => sent.length === 3);
  await answer();
  expect(sent.map(({ payload }) => payload)).toEqual(['{"candidate":"1"}', '{"candidate":"1"}', '[{"candidate":"2"},{"candidate":"3"}]']);
  expect(sent[1]!.key).toBe(sent[0]!.key);
  expect(sent[2]!.key).not.toBe(sent[0]!.key);
});

test.concurrent('an array of candidates stays well below the limit of a payload', async () => {
  const { queue, sent, answer } = openQueue();
  const all = Array.from({ length: 400 }, (_, n) => ({ candidate: `candidate:${n} ${'x'.repeat(100)}` }));
  for (const one of all) queue.pushCandidate(JSON.stringify(one));
  const end = queue.push('ICE_CANDIDATE', '');
  const answered = (async () => {
    for (;;) await answer();
  })().catch(() => undefined);
  await end;
  expect(Math.max(...sent.map(({ payload }) => payload.length))).toBeLessThan(9_000);
  expect(sent.flatMap(({ payload }) => (payload === '' ? [] : (JSON.parse(payload) as unknown)))).toEqual(all);
  void answered;
});

test.concurrent.for(['TOO_BUSY', 'RATE_LIMITED'] as const)('%s waits as long as the server says', async (code) => {
  const { queue, sent, failures, answer } = openQueue();
  const done = queue.push('CUSTOM', 'patient');
  await answer(new SwitchboardError(code, 'Wait.', { retryAfterMs: 700 }));
  const startedAt = performance.now();
  await until('the retry', () => sent.length === 2);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(680);
  await answer();
  await done;
  expect(failures).toEqual([]);
  expect(sent[1]).toEqual(sent[0]);
});

test.concurrent('what is refused for good rejects, is told, and the next goes on', async () => {
  const { queue, sent, failures, answer } = openQueue();
  const refused = queue.push('CUSTOM', 'too long');
  const next = queue.push('CUSTOM', 'short');
  const refusal = new SwitchboardError('LIMIT_EXCEEDED', 'Too long.', { limit: 'signalBytes' });
  await answer(refusal);
  await expect(refused).rejects.toBe(refusal);
  await answer();
  await next;
  expect(failures).toEqual([refusal]);
  expect(sent).toHaveLength(2);
});

test.concurrent('a fault of the server is tried once more and then rejects', async () => {
  const { queue, sent, answer } = openQueue();
  const done = queue.push('CUSTOM', 'unlucky');
  for (let n = 0; n < 2; n += 1) await answer(new SwitchboardError('INTERNAL', 'A fault.'));
  await expect(done).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(sent).toHaveLength(2);
});

test.concurrent('a call that is over rejects what waits, what is under way, and what comes', async () => {
  const { queue, sent, failures, answer } = openQueue();
  const all = ['under way', 'waits'].map((payload) => queue.push('CUSTOM', payload));
  queue.close();
  const late = queue.push('CUSTOM', 'late');
  for (const one of [...all, late]) await expect(one).rejects.toMatchObject({ code: 'CALL_STATE_CONFLICT' });
  queue.pushCandidate('{}');
  await answer();
  expect(sent).toHaveLength(1);
  expect(failures).toEqual([]);
});
