import { readFileSync } from 'node:fs';
import { errorCodes } from '../../src/errors.js';

/** The viewers of docs/access.md, in the order of its columns. */
export const columns = ['anonymous', 'expired', 'revoked', 'stranger', 'caller', 'callee', 'ended', 'blocked', 'blocker'] as const;
export type Column = (typeof columns)[number];

/** What can be answered: the words of the page, or a code. */
const answers: readonly string[] = ['ok', 'empty', 'null', 'true', '0', ...Object.keys(errorCodes)];
const owners: readonly string[] = ['own', 'any', '—'];

/** A row of either table: what it is about, and what the page says for each viewer. */
export interface AccessRow {
  readonly label: string;
  readonly cells: Readonly<Record<Column, string>>;
}

/** What a label says: `subscription inbox(after:)`, `user(id:) of nobody`. */
export interface OperationLabel {
  readonly type: 'query' | 'subscription';
  readonly field: string;
  readonly args: readonly string[];
}

/** The two tables of the page. Throws where a cell says what nobody here knows. */
export function readAccess(): { operations: AccessRow[]; types: AccessRow[] } {
  const page = readFileSync('docs/access.md', 'utf8');
  return { operations: readTable(page, '## Operations', answers), types: readTable(page, '## Types', owners) };
}

/** The field and its arguments; whether it is a mutation is for the schema to say. */
export function readLabel(label: string): OperationLabel {
  const [, subscription, field, args = ''] = /^(subscription )?(\w+)(?:\(([^)]*)\))?(?: |$)/.exec(label) ?? [];
  if (field === undefined) throw new Error(`No operation can be read from "${label}".`);
  return {
    type: subscription === undefined ? 'query' : 'subscription',
    field,
    args: [...args.matchAll(/(\w+):/g)].map(([, name = '']) => name),
  };
}

function readTable(page: string, heading: string, words: readonly string[]): AccessRow[] {
  const [, section = ''] = page.split(heading);
  const [table = ''] = /(?:^\|.*\n)+/m.exec(section) ?? [];
  const [head, , ...rows] = table.trimEnd().split('\n').map(cellsOf);
  if (head?.slice(1, columns.length + 1).join() !== columns.join()) throw new Error(`The table begins with ${head?.join(', ')}.`);
  return rows.map(([label = '', ...cells]) => {
    const unknown = cells.slice(0, columns.length).find((cell) => !words.includes(cell));
    if (unknown !== undefined || cells.length !== head.length - 1)
      throw new Error(`A cell of "${label}" is missing, or not known: ${unknown}`);
    const entries = columns.map((column, position) => [column, cells[position]]);
    return { label: label.replaceAll('`', ''), cells: Object.fromEntries(entries) as Record<Column, string> };
  });
}

function cellsOf(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
