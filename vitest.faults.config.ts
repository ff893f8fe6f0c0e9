import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { root } from './test/support/build.js';
import { ReliabilityReporter } from './test/support/reliability-reporter.js';
import fast from './vitest.config.js';

/**
 * Those that ask nobody how fast they were: most of them wait for a lease to end, a server to be missed, a disaster to be
 * over. They run two at a time, the longest first. All others want the machine for themselves, and measure it.
 */
const besideAnother = [
  'canaries',
  'joins-and-leaves',
  'model',
  'redis-outage',
  'ledger',
  'postgres-away',
  'races',
  'transitions',
  'kill',
  'frozen-node',
  'client-silence',
  'clock-skew',
  'rates',
  'embedded-postgres',
  'telephone-races',
  'fuzz',
  'planted',
  'resume',
  'webhook-delivery',
  'lost-node',
  'half-open',
  'fake-pongs',
  'two-writers',
  'disk-full',
  'turn',
  'redis-bus',
  'client-leak',
  'lock-order',
];

/** The longest first: two that run beside each other end at about the same time. */
class AsListed extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

/** Those that are not in the list behind those that are. */
function place({ moduleId }: TestSpecification): number {
  const found = besideAnother.indexOf(scenario(moduleId));
  return found === -1 ? besideAnother.length : found;
}

function scenario(path: string): string {
  return basename(path, '.fault.ts');
}

function project(name: string, groupOrder: number, maxWorkers: number, include: string[]) {
  return {
    resolve: fast.resolve ?? {},
    test: { name, include, pool: 'forks', maxWorkers, sequence: { groupOrder }, testTimeout: 600_000, hookTimeout: 120_000 },
  } as const;
}

const all = readdirSync(join(root, 'test/faults')).filter((name) => name.endsWith('.fault.ts'));
const files = (wanted: (name: string) => boolean) => all.filter((name) => wanted(scenario(name))).map((name) => `test/faults/${name}`);

export default defineConfig({
  test: {
    globalSetup: ['test/support/build.ts', 'test/support/postgres.ts'],
    // Printed as it comes: a scenario says its seed before it can fail, and its figures when it ends.
    disableConsoleIntercept: true,
    reporters: ['default', new ReliabilityReporter()],
    sequence: { sequencer: AsListed },
    projects: [
      project(
        'beside another',
        1,
        2,
        files((name) => besideAnother.includes(name)),
      ),
      project(
        'alone',
        2,
        1,
        files((name) => !besideAnother.includes(name)),
      ),
    ],
  },
});
