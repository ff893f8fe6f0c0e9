import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CallOrder, laneOf } from '../src/calls/call-order.js';

/** Work that is finished by hand, and a note of what has begun. */
function workshop() {
  const order = new CallOrder();
  const begun: string[] = [];
  const finish = new Map<string, (how: 'well' | 'badly') => void>();
  const ask = (kind: 'signal' | 'change', name: string, device = 'phone', call = 'call'): Promise<string> =>
    order[kind](laneOf(device, call), () => {
      begun.push(name);
      return new Promise((resolve, reject) => {
        finish.set(name, (how) => (how === 'well' ? resolve(name) : reject(new Error(name))));
      });
    });
  const end = async (name: string, how: 'well' | 'badly' = 'well') => {
    finish.get(name)?.(how);
    // Whoever waits for it begins in one of the next turns.
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { order, ask, begun, end };
}

test('signals begin at once and in order, without waiting for one another', () => {
  const { ask, begun } = workshop();
  for (const name of ['1', '2', '3']) void ask('signal', name);
  expect(begun).toEqual(['1', '2', '3']);
});

test('while a change runs later signals wait, and then begin in the order in which they came', async () => {
  const { ask, begun, end } = workshop();
  void ask('change', 'answer');
  for (const name of ['1', '2', '3']) void ask('signal', name);
  expect(begun).toEqual(['answer']);
  await end('answer');
  expect(begun).toEqual(['answer', '1', '2', '3']);
});

test('a change waits for the signals before it', async () => {
  const { ask, begun, end } = workshop();
  for (const name of ['1', '2']) void ask('signal', name);
  void ask('change', 'end');
  void ask('signal', 'too late');
  await end('1');
  expect(begun).toEqual(['1', '2']);
  await end('2');
  expect(begun).toEqual(['1', '2', 'end']);
  await end('end');
  expect(begun).toEqual(['1', '2', 'end', 'too late']);
});

test('changes run one after the other, and what fails stops nobody behind it', async () => {
  const { ask, begun, end } = workshop();
  const failed = ask('change', 'answer').catch((error: unknown) => error);
  void ask('signal', '1').catch(() => undefined);
  void ask('change', 'end');
  await end('answer', 'badly');
  expect(await failed).toMatchObject({ message: 'answer' });
  expect(begun).toEqual(['answer', '1']);
  await end('1', 'badly');
  expect(begun).toEqual(['answer', '1', 'end']);
});

test('another device, or another call, waits for nothing', () => {
  const { ask, begun } = workshop();
  void ask('change', 'answer');
  void ask('signal', 'of the tablet', 'tablet');
  void ask('signal', 'of the other call', 'phone', 'other');
  void ask('change', "the tablet's change", 'tablet', 'other');
  expect(begun).toEqual(['answer', 'of the tablet', 'of the other call', "the tablet's change"]);
});

test('whatever is asked, a change overlaps with nothing and the order of asking is the order of beginning', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ kind: fc.constantFrom('signal' as const, 'change' as const), turns: fc.nat(5), fails: fc.boolean() }), {
        maxLength: 12,
      }),
      async (jobs) => {
        const order = new CallOrder();
        const begun: number[] = [];
        const running = new Set<number>();
        let signalsDone = Promise.resolve();
        const results = jobs.map(({ kind, turns, fails }, n) =>
          order[kind](laneOf('phone', 'call'), async () => {
            begun.push(n);
            if (kind === 'change') expect(running.size).toBe(0);
            else for (const other of running) expect(jobs[other]?.kind).toBe('signal');
            running.add(n);
            // As the group commit does it, signals are done in the order in which they began.
            const before = signalsDone;
            const work = (async () => {
              if (kind === 'signal') await before;
              for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
              running.delete(n);
            })();
            if (kind === 'signal') signalsDone = work;
            await work;
            if (fails) throw new Error(`job ${n}`);
          }),
        );
        await Promise.allSettled(results);
        expect(begun).toEqual(jobs.map((_, n) => n));
        expect(running.size).toBe(0);
      },
    ),
    { numRuns: 200 },
  );
});

test('signals behind a change that the database did not answer fail with it, and are not begun', async () => {
  const order = new CallOrder();
  const begun: string[] = [];
  const lost = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const change = order.change(laneOf('phone', 'call'), () => Promise.reject(lost));
  const signal = order.signal(laneOf('phone', 'call'), () => Promise.resolve(begun.push('signal')));
  for (const result of await Promise.allSettled([change, signal])) expect(result).toMatchObject({ status: 'rejected', reason: lost });
  expect(begun).toEqual([]);
});

test('lanes on which nothing is under way are forgotten, and no other', async () => {
  const { order, ask, begun, end } = workshop();
  void ask('change', 'answer', 'busy');
  for (let call = 0; call < 5_000; call += 1) await order.signal(laneOf('idle', String(call)), () => Promise.resolve());
  expect(order.lanes).toBeLessThanOrEqual(1_000);
  void ask('signal', 'candidate', 'busy');
  expect(begun).toEqual(['answer']);
  await end('answer');
  expect(begun).toEqual(['answer', 'candidate']);
});
