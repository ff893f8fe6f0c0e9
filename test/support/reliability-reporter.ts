import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import type { Reporter, TestCase, TestModule, TestRunEndReason } from 'vitest/node';
import { root } from './build.js';
import type { Figures } from './figures.js';

const page = join(root, 'docs/reliability.md');
const draft = join(root, 'test-results/reliability.md');

/** What one test showed, or that it did not. */
interface Shown {
  readonly file: string;
  readonly test: string;
  readonly passed: boolean;
  readonly figures: readonly Figures[];
}

/**
 * Writes down what the scenarios measured: always to test-results/reliability.md, and to docs/reliability.md where every
 * file of the suite was run and all of it held.
 */
export class ReliabilityReporter implements Reporter {
  #startedAt = 0;

  onTestRunStart(): void {
    this.#startedAt = performance.now();
  }

  async onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: TestRunEndReason): Promise<void> {
    const shown = modules
      .flatMap((module) => [...module.children.allTests()].map((test) => read(module, test)))
      // As they ran depends on which of two was faster.
      .sort((a, b) => a.file.localeCompare(b.file));
    const text = write(shown, (performance.now() - this.#startedAt) / 1_000);
    await mkdir(join(root, 'test-results'), { recursive: true });
    await writeFile(draft, text);
    const files = (await readdir(join(root, 'test/faults'))).filter((name) => name.endsWith('.fault.ts'));
    const whole = files.every((name) => modules.some(({ moduleId }) => basename(moduleId) === name));
    if (whole && reason === 'passed' && errors.length === 0 && shown.every(({ passed }) => passed)) await writeFile(page, text);
  }
}

function read(module: TestModule, test: TestCase): Shown {
  return {
    file: basename(module.moduleId, '.fault.ts'),
    test: test.fullName,
    passed: test.result().state === 'passed',
    figures: test.meta().figures ?? [],
  };
}

function write(shown: readonly Shown[], seconds: number): string {
  const measured = shown.filter(({ figures }) => figures.length > 0);
  const day = new Date().toISOString().slice(0, 10);
  return `# Reliability

What was done to running servers, and what was seen. Written by \`npm run test:faults\`, which runs all of it against the built
server, a real Postgres, Redis and nginx; one scenario alone: \`npm run test:faults -- ledger\`.

Last whole run: ${day}, ${shown.filter(({ passed }) => passed).length} of ${shown.length} scenarios held, in ${Math.round(seconds / 60)} minutes, on ${cpus().length} shared cores with ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}.

${measured.map(section).join('\n')}
## Without a figure

${shown
  .filter(({ figures }) => figures.length === 0)
  .map(({ file, test, passed }) => `- \`${file}\`: ${test}${passed ? '' : ' (did not hold)'}`)
  .join('\n')}
`;
}

function section({ file, test, passed, figures }: Shown): string {
  const tables = figures.map(({ title, values }) => {
    const rows = Object.entries(values).map(
      ([name, value]) => `| ${escape(name)} | ${escape(typeof value === 'number' ? value.toLocaleString('en') : value)} |`,
    );
    return `| ${escape(title)} | |\n|---|---|\n${rows.join('\n')}\n`;
  });
  return `## ${test}\n\n\`${file}\`${passed ? '' : ', which did not hold'}\n\n${tables.join('\n')}`;
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|');
}
