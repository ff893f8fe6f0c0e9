import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

import { chart } from './chart.ts';
import { type Figures, goalRows } from './goals.ts';
import type { Options } from './options.ts';
import { signalRows, type Result } from './table.ts';

const page = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const picture = fileURLToPath(new URL('../docs/performance.svg', import.meta.url));

interface Report {
  readonly figures: Figures;
  readonly signals: readonly Result[];
  readonly paced: readonly Result[];
  readonly options: Options;
}

/** Puts what was measured into docs/performance.md, between its two marks, with what is written around them left alone, and draws docs/performance.svg. */
export function writeReport({ figures, signals, paced, options }: Report): void {
  const written = [
    conditions(options),
    '![What a delivered signal costs, by program](performance.svg)',
    markdown([['figure', 'measured', 'goal', 'stretch', 'holds'], ...goalRows(figures)]),
    'As fast as they go, medians:',
    markdown(signalRows(signals)),
    'At 1,000 signals a second, medians:',
    markdown(signalRows(paced)),
  ].join('\n\n');
  writeBetween('<!-- figures: written by npm run bench -->', '<!-- end of the figures -->', written);
  writeFileSync(picture, chart(signals));
  console.log(`\nWritten into docs/performance.md and docs/performance.svg.`);
}

/** Its rows, in the same page. */
export function writeProfile(rows: readonly (readonly string[])[]): void {
  writeBetween('<!-- profile: written by npm run bench -- profile -->', '<!-- end of the profile -->', markdown(rows));
}

export function writeScale(rows: readonly (readonly string[])[]): void {
  writeBetween('<!-- scale: written by npm run bench -- scale -->', '<!-- end of the scale -->', markdown(rows));
}

function writeBetween(begin: string, end: string, written: string): void {
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} has lost the marks between which this stands: ${begin}`);
  writeFileSync(page, `${text.slice(0, from + begin.length)}\n\n${written}\n\n${text.slice(to)}`);
}

function conditions({ runs, pairs, rounds }: Options): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `${new Date().toISOString().slice(0, 10)}, by \`npm run bench\`: ${runs} runs of each program in turn, ${pairs} pairs, ${rounds} rounds;`,
    `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), ${memory} GiB, Node ${process.version}.`,
  ].join(' ');
}

function markdown([head, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head!), line(head!.map((_, column) => (column === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}
