import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Proxy } from './support/proxy.js';
import { runProgram } from './support/sdk-program.js';
import { startServer, type TestServer } from './support/server.js';

// Programs start slowly where the machine has other things to do.
vi.setConfig({ testTimeout: 70_000 });

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test.concurrent('a process whose phones are closed ends by itself', async () => {
  const said = await runProgram(
    server,
    `
    const [ana, ben] = await Promise.all([phoneOf(), phoneOf()]);
    ben.on('incoming', (call) => void call.accept().catch(() => undefined));
    const call = await ana.call(ben.user.id);
    await until('the answer', () => call.status === 'ACTIVE');
    const reading = (async () => {
      for await (const { type } of call.events()) if (type === 'ended') return;
    })();
    await Promise.all([ana.close(), ben.close()]);
    await reading;
    console.log(JSON.stringify([ana.connectionState, ana.calls.length, call.status]));
  `,
  );
  expect(said).toEqual(['closed', 0, 'ACTIVE']);
});

test.concurrent('a process ends by itself, too, where its phones are closed without a network', async () => {
  const proxy = await Proxy.start(server);
  const running = runProgram(
    proxy,
    `
    const store = memoryStore();
    const phone = await phoneOf({ store });
    const { goodUntilMs, ...session } = store.load();
    await phone.close();
    await store.save({ ...session, goodUntilMs: 0 });
    const away = new Switchboard({ url: 'http://127.0.0.1:9/graphql', createPeerConnection: null, store });
    await away.resume();
    const asked = away.request(operations.devicesOperation, {}).catch((error) => error.name);
    await until('an attempt', () => away.connectionState === 'connecting');
    await away.close();
    console.log(JSON.stringify(await asked));
  `,
  );
  expect(await running).toBe('ConnectionError');
  await proxy.stop();
});

test.concurrent('a listener that throws is reported as an uncaught error, and nothing else stops', async () => {
  const said = await runProgram(
    server,
    `
    const uncaught = [];
    process.on('uncaughtException', ({ message }) => uncaught.push(message));
    const fail = (what) => () => {
      throw new Error(what);
    };
    const [ana, ben] = await Promise.all([phoneOf(), phoneOf()]);
    for (const phone of [ana, ben]) for (const name of ['incoming', 'event', 'connection', 'error']) phone.on(name, fail(name));
    ben.subscribe(operations.presenceSubscription, { userIds: [ana.user.id] }, fail('presence'));
    await until('the presence', () => uncaught.includes('presence'));
    const call = await ana.call(ben.user.id);
    await until('the ring', () => ben.calls.length === 1);
    ben.on('incoming', fail('late'));
    const [theirs] = ben.calls;
    for (const one of [call, theirs]) for (const name of ['ringing', 'answered', 'ended', 'signal', 'error']) one.on(name, fail(name));
    const heard = [];
    theirs.on('signal', ({ payload }) => heard.push(payload));
    await theirs.accept();
    await call.send('1');
    await call.send('x'.repeat(40_000)).catch(() => undefined);
    await call.send('2');
    await until('the signals', () => heard.length === 2);
    await theirs.hangUp();
    await until('the end', () => call.status === 'ENDED');
    const states = [ana.connectionState, ben.connectionState];
    await Promise.all([ana.close(), ben.close()]);
    console.log(JSON.stringify({ heard, states, uncaught: [...new Set(uncaught)].sort() }));
  `,
  );
  const { uncaught, ...rest } = said as { uncaught: string[] };
  expect(rest).toEqual({ heard: ['1', '2'], states: ['connected', 'connected'] });
  // But RINGING, which may have come before there was a listener.
  const thrown = uncaught.filter((name) => name !== 'ringing');
  expect(thrown).toEqual(['answered', 'connection', 'ended', 'error', 'event', 'incoming', 'late', 'presence', 'signal']);
});

test.concurrent.for([-1, 1])('a clock that is wrong by %i hours does not matter', async (hours) => {
  const shortLived = await startServer({ ACCESS_TOKEN_SECONDS: '8', DATABASE_URL: server.databaseUrl });
  const said = (await runProgram(
    shortLived,
    `
    const right = Date.now;
    Date.now = () => right() + ${hours} * 3_600_000;
    const store = memoryStore();
    const phone = await phoneOf({ store });
    const first = store.load();
    const aheadMs = phone.now() - right();
    let isOver = false;
    phone.on('signedOut', () => (isOver = true));
    const states = [];
    phone.on('connection', (state) => states.push(state));
    await until('the renewal', () => store.load().refreshToken !== first.refreshToken);
    const renewedAfterMs = Date.now() - (first.goodUntilMs - 8_000);
    const isGood = (await phone.request(operations.devicesOperation, {})).devices[0].current;
    await phone.close();
    console.log(JSON.stringify({ aheadMs, isOver, states, renewedAfterMs, isGood }));
  `,
  )) as { aheadMs: number; renewedAfterMs: number };
  expect(said).toMatchObject({ isOver: false, states: ['closed'], isGood: true });
  expect(Math.abs(said.aheadMs)).toBeLessThan(1_000);
  // At the server's word, at half of the token's life, and not by the wrong clock.
  expect(said.renewedAfterMs).toBeGreaterThan(3_000);
  await shortLived.stop();
});
