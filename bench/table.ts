import { layOut } from './columns.ts';
import type { Measurement } from './measure.ts';
import { median } from './statistics.ts';

export interface Result {
  readonly program: string;
  readonly storesAndAuthorises: boolean;
  readonly runs: readonly Measurement[];
}

type Row = readonly string[];

const HEAD: Row = ['program', 'CPU µs/signal', '(min-max)', 'signals/s', 'p50 ms', 'p99 ms', '× relay', '× mercurius', 'out of order'];

export function signalsTable(results: readonly Result[]): string {
  return layOut(signalRows(results));
}

/** Medians over the runs. Where a program has a database, a second row adds its CPU: the price of the whole. */
export function signalRows(results: readonly Result[]): readonly Row[] {
  const server = ({ serverMicrosecondsPerSignal }: Measurement): number => serverMicrosecondsPerSignal;
  const whole = (run: Measurement): number => server(run) + run.databaseMicrosecondsPerSignal;
  const database = ({ databaseMicrosecondsPerSignal }: Measurement): number => databaseMicrosecondsPerSignal;
  const rows = results.flatMap((result): Row[] => {
    const own = row(result, result.program, server, results);
    if (!result.storesAndAuthorises) return [own];
    return [own, [`  its Postgres`, ...cost(result, database), ...Array<string>(6).fill('')], row(result, '  both', whole, results)];
  });
  return [HEAD, ...rows];
}

function row(result: Result, name: string, figure: (run: Measurement) => number, results: readonly Result[]): Row {
  const { runs } = result;
  return [
    name,
    ...cost(result, figure),
    medianOf(runs, (run) => run.signalsPerSecond).toFixed(0),
    medianOf(runs, (run) => run.p50Ms).toFixed(2),
    medianOf(runs, (run) => run.p99Ms).toFixed(2),
    ratio(medianOf(runs, figure), results, 'relay'),
    ratio(medianOf(runs, figure), results, 'mercurius'),
    String(runs.reduce((sum, { outOfOrder }) => sum + outOfOrder, 0)),
  ];
}

function cost({ runs }: Result, figure: (run: Measurement) => number): Row {
  const values = runs.map(figure);
  return [median(values).toFixed(1), `(${Math.min(...values).toFixed(1)}-${Math.max(...values).toFixed(1)})`];
}

function ratio(value: number, results: readonly Result[], name: string): string {
  const other = results.find(({ program }) => program === name);
  if (!other) return '-';
  return (value / medianOf(other.runs, ({ serverMicrosecondsPerSignal }) => serverMicrosecondsPerSignal)).toFixed(2);
}

export function medianOf(runs: readonly Measurement[], figure: (run: Measurement) => number): number {
  return median(runs.map(figure));
}
