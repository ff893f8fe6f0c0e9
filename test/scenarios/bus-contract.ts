import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { HintBus } from '../../src/bus/hint-bus.js';
import { signUp } from '../support/device.js';
import { startServerForTest } from '../support/server.js';
import { until } from '../support/until.js';

/** What carries the hints of one implementation: it can be taken away from all nodes, and given back. */
export interface Carrier {
  makeBus(): HintBus;
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** Connections that buses hold to it now. */
  connections(): Promise<number>;
  stop(): Promise<void>;
}

/** A bus that listens, with what it heard. */
async function nodeOn(carrier: Carrier) {
  const bus = carrier.makeBus();
  onTestFinished(() => bus.stop());
  const heard: string[] = [];
  const node = { bus, heard, gaps: 0, deafen: (): void => undefined };
  node.deafen = bus.listen(
    (userIds) => heard.push(...userIds),
    () => (node.gaps += 1),
  );
  await bus.start();
  return node;
}

/** Two that know of each other: the first hint of one has reached the other. */
async function twoOn(carrier: Carrier) {
  const [one, other] = [await nodeOn(carrier), await nodeOn(carrier)];
  await meet(one, other);
  return { one, other };
}

async function meet(one: Awaited<ReturnType<typeof nodeOn>>, other: Awaited<ReturnType<typeof nodeOn>>): Promise<void> {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const hello = randomUUID();
    await until('one to hear the other', () => {
      from.bus.announce([hello]);
      return to.heard.includes(hello);
    });
  }
}

/** What bus.ts promises, for one implementation. */
export function holdsTheBusContract(name: string, start: () => Promise<Carrier>): void {
  const carrierForTest = async (): Promise<Carrier> => {
    const carrier = await start();
    onTestFinished(() => carrier.stop());
    return carrier;
  };

  describe(`the bus over ${name}`, () => {
    test('what one node announces all others hear, and the node itself does not', async () => {
      const carrier = await carrierForTest();
      const { one, other } = await twoOn(carrier);
      const third = await nodeOn(carrier);
      await meet(one, third);
      const userIds = Array.from({ length: 1_000 }, (): string => randomUUID());
      one.bus.announce(userIds);
      for (const { heard } of [other, third]) await until('all to be heard', () => userIds.every((userId) => heard.includes(userId)));
      expect(one.heard.filter((userId) => userIds.includes(userId))).toEqual([]);
      // Nothing but ids, each once for all the times that it was announced in one turn.
      expect(other.heard.filter((userId) => userIds.includes(userId)).toSorted()).toEqual(userIds.toSorted());
    });

    test('who has stopped listening hears nothing more', async () => {
      const { one, other } = await twoOn(await carrierForTest());
      other.deafen();
      const deaf = other.heard.length;
      const stillThere: string[] = [];
      other.bus.listen(
        (userIds) => stillThere.push(...userIds),
        () => undefined,
      );
      one.bus.announce([randomUUID()]);
      await until('the other listener to hear it', () => stillThere.length > 0);
      expect(other.heard).toHaveLength(deaf);
    });

    test('while it is away announcing neither throws nor waits; when it is back the gap is told once, and hints are heard', async () => {
      const carrier = await carrierForTest();
      const { one, other } = await twoOn(carrier);
      const before = [one.gaps, other.gaps];
      await carrier.goAway();
      const startedAt = performance.now();
      for (let n = 0; n < 20_000; n += 1) one.bus.announce([randomUUID()]);
      expect(performance.now() - startedAt).toBeLessThan(1_000);
      await carrier.comeBack();
      await until('both to know of the gap', () => one.gaps === before[0]! + 1 && other.gaps === before[1]! + 1);
      await meet(one, other);
      expect([one.gaps, other.gaps]).toEqual([before[0]! + 1, before[1]! + 1]);
    });

    test('one that starts while it is away starts all the same, and hears when it is there', async () => {
      const carrier = await carrierForTest();
      const one = await nodeOn(carrier);
      await carrier.goAway();
      const late = await nodeOn(carrier);
      await carrier.comeBack();
      await until('both to listen', () => one.gaps === 2 && late.gaps === 1);
      await meet(one, late);
    });

    test('one that is stopped holds no connection, also where it was just connecting', async () => {
      const carrier = await carrierForTest();
      const { one, other } = await twoOn(carrier);
      const hasty = carrier.makeBus();
      const starting = hasty.start();
      await hasty.stop();
      await starting;
      await Promise.all([one.bus.stop(), other.bus.stop()]);
      await until('no connection to be left', async () => (await carrier.connections()) === 0);
    });
  });
}

/** What the inbox promises over two nodes, whatever wakes them: the bus makes it faster, and nothing else. */
export function deliversOverTwoNodes(name: string, environment: () => Promise<Record<string, string>>): void {
  test(`events reach the devices of another node, each once and in order, over ${name}`, async () => {
    const given = await environment();
    const here = await startServerForTest(given);
    const there = await startServerForTest({ ...given, DATABASE_URL: here.databaseUrl });
    const [ana, ben] = await Promise.all([signUp(here, 'ana'), signUp(there, 'ben')]);
    await Promise.all([ana.connect(), ben.connect()]);
    const { id } = await ana.ring(ben);
    await ben.heard('CREATED', id);
    await ben.stream(id, 'ANSWER', 'answer');
    await ana.received('answer');
    const payloads = Array.from({ length: 300 }, (_, n) => `candidate ${n}`);
    await Promise.all(payloads.map((payload) => ana.stream(id, 'ICE_CANDIDATE', payload)));
    await ben.received(payloads.at(-1)!);
    await ben.end(id);
    await ana.heard('ENDED', id);
    expect(ben.signals.map(({ payload }) => payload)).toEqual(payloads);
    expect(ana.changes.map(({ change }) => change)).toEqual(['CREATED', 'RINGING', 'ANSWERED', 'ENDED']);
  });
}
