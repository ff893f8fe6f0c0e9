/**
 * How often a value was at most so large, for a few bounds, in Prometheus's text format. Observing costs a few
 * nanoseconds: prom-client's own looks its labels up each time, which at two observations a signal would be felt.
 */
export class Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  /** One for each bound, and one for what is beyond the last. */
  readonly #counts: number[];
  #sum = 0;

  /** `bounds` ascend; values at a bound are below it. */
  constructor({ name, help, bounds }: { name: string; help: string; bounds: readonly number[] }) {
    this.#name = name;
    this.#help = help;
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let position = 0;
    while (position < this.#bounds.length && value > (this.#bounds[position] as number)) position += 1;
    (this.#counts[position] as number) += 1;
    this.#sum += value;
  }

  text(): string {
    let count = 0;
    const buckets = [...this.#bounds, '+Inf'].map((bound, position) => {
      count += this.#counts[position] ?? 0;
      return `${this.#name}_bucket{le="${bound}"} ${count}`;
    });
    return [
      `# HELP ${this.#name} ${this.#help}`,
      `# TYPE ${this.#name} histogram`,
      ...buckets,
      `${this.#name}_sum ${this.#sum}`,
      `${this.#name}_count ${count}`,
      '',
    ].join('\n');
  }
}
