import { mergeConfig } from 'vitest/config';
import fast from './vitest.config.js';

const browser = mergeConfig(fast, {
  test: {
    disableConsoleIntercept: true,
    // Two browsers with media on two cores are enough.
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
});

// Arrays are joined by a merge; these two are other ones.
browser.test = {
  ...browser.test,
  include: ['test/browser/*.browser.ts'],
  globalSetup: ['test/support/build-all.ts', 'test/support/postgres.ts'],
};

export default browser;
