import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { root } from './support/build.js';

const client = join(root, 'src/client');

function checkExamples(...files: string[]): Promise<{ stdout: string; stderr: string; code?: number }> {
  return promisify(execFile)(process.execPath, [join(root, 'scripts/check-examples.mjs'), ...files], { cwd: root }).catch(
    (error: unknown) => error as { stdout: string; stderr: string; code: number },
  );
}

/** Each name that the SDK exports, with the docstring that stands before it. */
async function publicNames(): Promise<[name: string, docstring: string][]> {
  const index = await readFile(join(client, 'index.ts'), 'utf8');
  const names: [string, string][] = [];
  for (const [, list, file] of index.matchAll(/^export (?:type )?\{(.*)\} from '\.\/(.*)\.js';$/gm)) {
    const text = await readFile(join(client, `${file}.ts`), 'utf8');
    for (const name of list!.split(',').map((one) => one.trim().replace(/^type /, ''))) {
      const declared = new RegExp(`(/\\*\\*(?:(?!\\*/)[^])*\\*/)\\nexport (?:class|function|interface|type|const) ${name}\\b`).exec(text);
      names.push([name, declared?.[1] ?? '']);
    }
  }
  return names;
}

test.concurrent('every name that the SDK exports has a docstring with an example', async () => {
  const names = await publicNames();
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter(([, docstring]) => !docstring.includes('@example')).map(([name]) => name)).toEqual([]);
  expect(await readFile(join(client, 'operations.ts'), 'utf8')).toMatch(/^\/\*\*[^]*@example[^]*\*\/\nexport \{/);
});

test.concurrent('every example of the SDK compiles', async () => {
  const { stdout, stderr } = await checkExamples();
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^Examples: \d\d, of \d\d files\. Faults: 0\.\n$/);
});

test.concurrent('an example that does not compile is told by its line, in Markdown and in docstrings', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'examples-'));
  const markdown = join(folder, 'page.md');
  const code = join(folder, 'code.ts');
  const ticks = '```';
  await writeFile(
    markdown,
    `# Page\n\n${ticks}ts\nconst n: number = 1;\nawait phone.call(n);\n${ticks}\n\n${ticks}ts ignore\nno code\n${ticks}\n`,
  );
  await writeFile(code, `/**\n * Text.\n *\n * @example\n * ${ticks}ts\n * call.hangUp();\n *\n * call.hangDown();\n * ${ticks}\n */\n`);
  const { stdout, stderr, code: exit } = await checkExamples(markdown, code);
  expect(exit).toBe(1);
  expect(stderr).toContain(`page.md:5: error`);
  expect(stderr).toContain(`code.ts:8: error`);
  expect(stdout).toBe('Examples: 2, of 2 files. Faults: 2.\n');
  await rm(folder, { recursive: true });
});
