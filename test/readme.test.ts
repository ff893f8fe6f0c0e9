import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { codeOf, compiledFile } from './support/document-code.js';
import { startServerForTest } from './support/server.js';

const root = resolve(import.meta.dirname, '..');
const addressOfReadme = 'ws://127.0.0.1:4000/graphql';
const run = promisify(execFile);

test('the first call of the README is ten lines that compile and run as they stand, but for the address', async () => {
  const firstCall = await codeOf('README.md');
  expect(firstCall.trimEnd().split('\n')).toHaveLength(10);
  expect(firstCall.split(addressOfReadme)).toHaveLength(2);

  const { webSocketUrl } = await startServerForTest();
  const file = await compiledFile(firstCall.replace(addressOfReadme, webSocketUrl));
  const { stdout, stderr } = await run(process.execPath, [file], { cwd: root, timeout: 10_000 });
  expect(stderr).toBe('');
  expect(stdout).toContain("{ __typename: 'Ready' }");
  expect(stdout).toContain("{ __typename: 'CallChanged', change: 'CREATED' }");
  expect(stdout).toContain("{ __typename: 'SignalReceived', kind: 'OFFER', payload: 'v=0 ...' }");
});

const pages = ['*.md', 'docs/**/*.md', 'examples/*/README.md'].flatMap((pattern) => globSync(pattern, { cwd: root }));

test.for(pages)('every file that %s links to is there', async (page) => {
  const text = await readFile(join(root, page), 'utf8');
  const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
  expect(targets.filter((target) => !existsSync(resolve(root, page, '..', target)))).toEqual([]);
});

test('every command that the README names is one of the package', async () => {
  const named = [...(await readFile(join(root, 'README.md'), 'utf8')).matchAll(/npm (?:run )?([a-z:]+)/g)].map(([, name]) => name!);
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((name) => name !== 'ci' && !(name in scripts))).toEqual([]);
});
