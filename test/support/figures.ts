import { TestRunner } from 'vitest';

/** What a scenario measured, under a name of its own. */
export interface Figures {
  readonly title: string;
  readonly values: Readonly<Record<string, string | number>>;
}

declare module 'vitest' {
  export interface TaskMeta {
    /** Goes into docs/reliability.md after a whole run. */
    figures?: Figures[];
  }
}

/** Prints what a scenario measured, one line each: the suite is read by people too. */
export function figures(title: string, values: Figures['values']): void {
  const meta = TestRunner.getCurrentTest()?.meta;
  if (meta !== undefined) meta.figures = [...(meta.figures ?? []), { title, values }];
  const width = Math.max(...Object.keys(values).map((name) => name.length));
  const lines = Object.entries(values).map(
    ([name, value]) => `    ${name.padEnd(width)}  ${typeof value === 'number' ? value.toLocaleString('en') : value}`,
  );
  console.log(`\n  ${title}\n${lines.join('\n')}\n`);
}

/** The value that `share` of all are at most; NaN where there is none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function secondsSince(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
}

export function ms(value: number): string {
  return `${Math.round(value).toLocaleString('en')} ms`;
}
