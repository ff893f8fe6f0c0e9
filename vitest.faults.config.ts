import { mergeConfig } from 'vitest/config';
import { ReliabilityReporter } from './test/support/reliability-reporter.js';
import fast from './vitest.config.js';

const slow = mergeConfig(fast, {
  test: {
    // Printed as it comes: a scenario says its seed before it can fail, and its figures when it ends.
    disableConsoleIntercept: true,
    // One after the other: each wants the machine for itself, and measures it.
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 120_000,
    reporters: ['default', new ReliabilityReporter()],
  },
});

// Arrays are joined by a merge; these two are other ones.
slow.test = { ...slow.test, include: ['test/faults/*.fault.ts'], globalSetup: ['test/support/build.ts', 'test/support/postgres.ts'] };

export default slow;
