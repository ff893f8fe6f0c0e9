// Type-checks the examples: every ```ts block of a Markdown file, or of a docstring in a .ts file. Each is a module of its
// own, which knows the SDK by its names and a few things that an application has; one marked ```ts ignore is passed over.
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '..');
const files = process.argv.slice(2);
if (files[0] === '--help') {
  console.log(
    'node scripts/check-examples.mjs [files…]\n\nType-checks the ```ts blocks of those files; without any, of src/client, docs and the README.',
  );
  process.exit(0);
}

const index = await readFile(join(root, 'src/client/index.ts'), 'utf8');
const publicNames = [...index.matchAll(/^export (?:type )?\{(.*)\}/gm)].flatMap(([, names]) => names.split(',').map((name) => name.trim()));

const found =
  files.length > 0
    ? files.map((file) => resolve(file))
    : ['src/client/*.ts', 'docs/**/*.md', 'README.md'].flatMap((pattern) => globSync(join(root, pattern)));
const examples = (await Promise.all(found.map(examplesOf))).flat();
const faults = await faultsOf(examples);
for (const fault of faults) console.error(fault);
console.log(`Examples: ${examples.length}, of ${found.length} files. Faults: ${faults.length}.`);
process.exitCode = faults.length > 0 || examples.length === 0 ? 1 : 0;

/** The blocks of one file, with the line on which each begins. */
async function examplesOf(file) {
  const text = await readFile(file, 'utf8');
  const margin = file.endsWith('.md') ? '' : ' *\\*(?: |$)';
  const blocks = text.matchAll(new RegExp(`^${margin}\`\`\`ts\\n([^]*?)^${margin}\`\`\`$`, 'gm'));
  return [...blocks].map(({ 0: block, 1: lines, index: at }) => ({
    file,
    line: text.slice(0, at).split('\n').length + 1,
    code: lines.replaceAll(new RegExp(`^${margin}`, 'gm'), ''),
    block,
  }));
}

/** What the compiler says of them, by the lines of the files that they stand in. */
async function faultsOf(checked) {
  await mkdir(join(root, 'dist'), { recursive: true });
  const folder = await mkdtemp(join(root, 'dist/examples-'));
  try {
    const sdk = relative(folder, join(root, 'src/client/index.js'));
    // What an application has of its own.
    const prelude = `
      declare const phone: import('${sdk}').Switchboard;
      declare const call: import('${sdk}').Call;
      declare const stream: MediaStream;
      declare const video: HTMLVideoElement;
      declare const userIds: string[];
    `;
    const names = `import { ${publicNames.join(', ')}, operations } from '${sdk}';`;
    await Promise.all([
      writeFile(join(folder, 'prelude.d.ts'), prelude),
      writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings())),
      // On the first line, so that the numbers of the others stay.
      ...checked.map(({ code }, n) => {
        const isWhole = /^import /m.test(code);
        return writeFile(join(folder, `${n}.ts`), isWhole ? code : `${names} ${code}\nexport {};\n`);
      }),
    ]);
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
      cwd: folder,
    }).catch((error) => error);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) =>
        line.replace(/^(\d+)\.ts\((\d+),(\d+)\)/, (_, n, at) => {
          const { file, line: first } = checked[Number(n)];
          return `${relative(root, file)}:${first + Number(at) - 1}`;
        }),
      );
  } finally {
    await rm(folder, { recursive: true });
  }
}

function settings() {
  return {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      types: ['node'],
      lib: ['es2024', 'dom', 'dom.iterable'],
      noUnusedLocals: false,
      verbatimModuleSyntax: false,
      paths: { 'switchboard/client': [join(root, 'src/client/index.ts')] },
    },
    include: ['*.ts'],
  };
}
