import { setImmediate } from 'node:timers/promises';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { Histogram } from './histogram.js';

const prefix = 'switchboard_';

/** What /metrics shows: the process, and what is registered here. node-metrics.ts says what a node counts. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #histograms: Histogram[] = [];

  constructor() {
    collectDefaultMetrics({ register: this.#registry, prefix });
  }

  /** A figure that is read when somebody looks. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `${prefix}${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** A figure that Postgres is asked for when somebody looks, behind the others: they are not to see that. NaN where it cannot be had. */
  askedGauge(name: string, help: string, ask: () => Promise<number>): void {
    new Gauge({
      name: `${prefix}${name}`,
      help,
      registers: [this.#registry],
      async collect() {
        await setImmediate();
        this.set(await ask().catch(() => NaN));
      },
    });
  }

  /** Counts what happens by how it went, or by another `label`; each value is shown from the start, with 0. */
  counter<Value extends string>(name: string, help: string, values: readonly Value[], label = 'outcome'): (value: Value) => void {
    const tally = zeroes(values);
    this.#show(name, help, [label], () => values.map((value) => [{ [label]: value }, tally[value]]));
    return (value) => void (tally[value] += 1);
  }

  /** The same for several that `kind` tells apart. */
  counters<Kind extends string, Value extends string>(
    name: string,
    help: string,
    [kind, kinds]: readonly [kind: string, kinds: readonly Kind[]],
    values: readonly Value[],
  ): (kind: Kind, value: Value) => void {
    const tallies = Object.fromEntries(kinds.map((one) => [one, zeroes(values)])) as Record<Kind, Record<Value, number>>;
    this.#show(name, help, [kind, 'outcome'], () =>
      kinds.flatMap((one) => values.map((value) => [{ [kind]: one, outcome: value }, tallies[one][value]] as const)),
    );
    return (one, value) => void (tallies[one][value] += 1);
  }

  /** Shows how often a value was at most so large, in the base unit of its name. */
  histogram(name: string, help: string, bounds: readonly number[]): Pick<Histogram, 'observe'> {
    const histogram = new Histogram({ name: `${prefix}${name}`, help, bounds });
    this.#histograms.push(histogram);
    return histogram;
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    return [await this.#registry.metrics(), ...this.#histograms.map((histogram) => histogram.text())].join('\n');
  }

  /** The counting itself is an addition to a plain number; what it belongs to is looked up when somebody looks. */
  #show(name: string, help: string, labelNames: string[], read: () => readonly (readonly [Record<string, string>, number])[]): void {
    new Counter({
      name: `${prefix}${name}`,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [labels, count] of read()) this.inc(labels, count);
      },
    });
  }
}

function zeroes<Value extends string>(values: readonly Value[]): Record<Value, number> {
  return Object.fromEntries(values.map((value) => [value, 0])) as Record<Value, number>;
}
