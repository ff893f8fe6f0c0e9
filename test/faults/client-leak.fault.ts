import { expect, test } from 'vitest';
import { runProgram } from '../support/sdk-program.js';
import { startServerForTest } from '../support/server.js';

test('after two hundred calls nothing is kept', async () => {
  const server = await startServerForTest();
  const said = await runProgram(
    server,
    `
    const [ana, ben] = await Promise.all([phoneOf(), phoneOf()]);
    ben.on('incoming', (call) => void call.accept());
    let kept = 0;
    const registry = new FinalizationRegistry(() => (kept -= 1));
    for (let n = 0; n < 200; n += 1) {
      const call = await ana.call(ben.user.id);
      registry.register(call, n);
      kept += 1;
      await until('the answer', () => call.status === 'ACTIVE');
      await call.send('a signal');
      await call.hangUp();
    }
    await until('the end', () => ben.calls.length === 0);
    for (let turn = 0; turn < 20; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      gc();
    }
    console.log(JSON.stringify({ calls: [ana.calls.length, ben.calls.length], kept }));
    await Promise.all([ana.close(), ben.close()]);
  `,
  );
  expect(said).toMatchObject({ calls: [0, 0] });
  expect((said as { kept: number }).kept).toBeLessThan(50);
});
