import { mergeConfig } from 'vitest/config';
import slow from './vitest.faults.config.js';

const browser = mergeConfig(slow, { test: { testTimeout: 60_000 } });

// An array is joined by a merge; this is another one.
browser.test = { ...browser.test, include: ['test/browser/*.browser.ts'] };

export default browser;
