import { layOut } from './columns.ts';
import type { CaseFigures } from './history-cases.ts';

const DEMAND = 1.5;
const HEAD = ['page of 20', 'calls in all', 'of the user', 'API ms', 'ratio', 'Postgres ms', 'ratio', 'pages read'];

/** Each page beside the same page of the smallest table, and the plans of those that are over the demand. */
export function historyTable(figures: readonly CaseFigures[]): string {
  const rows: string[][] = [HEAD];
  const over: string[] = [];
  for (const name of new Set(figures.map((one) => one.name))) {
    const [base, ...others] = figures.filter((one) => one.name === name);
    rows.push(row(base!, '', ''));
    for (const one of others) {
      const [api, database] = [one.apiMs / base!.apiMs, one.databaseMs / base!.databaseMs];
      rows.push(row(one, ratio(api), ratio(database)));
      if (Math.max(api, database) > DEMAND) over.push(`${name}, user with ${number(one.calls)} calls:\n${one.plan}`);
    }
  }
  const verdict =
    over.length === 0 ? `No page is over ${DEMAND} times that of the small table.` : `Over ${DEMAND}:\n\n${over.join('\n\n')}`;
  return `${layOut(rows)}\n\nMedians. ${verdict}`;
}

/** Of the pages over the API, the large table's to the small one's. */
export function worstRatio(figures: readonly CaseFigures[]): number {
  const ratios = figures.map(({ name, apiMs }) => apiMs / figures.find((one) => one.name === name)!.apiMs);
  return Math.max(...ratios);
}

function row(figures: CaseFigures, apiRatio: string, databaseRatio: string): string[] {
  const { name, rows, calls, apiMs, databaseMs, pages } = figures;
  return [name, number(rows), number(calls), apiMs.toFixed(2), apiRatio, databaseMs.toFixed(3), databaseRatio, String(pages)];
}

function ratio(value: number): string {
  return `${value.toFixed(2)}${value > DEMAND ? ' !' : ''}`;
}

function number(value: number): string {
  return value.toLocaleString('en');
}
