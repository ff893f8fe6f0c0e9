import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // graphql has a CommonJS and an ESM build. Node gives our packages the first and vite would give our own files the
    // second; graphql refuses types of "another module or realm", so both are pointed at one.
    alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }],
  },
  test: {
    // The fast suite: a file is a behaviour. Faults, browsers and benchmarks have commands of their own.
    include: ['test/*.test.ts'],
    globalSetup: ['test/support/build.ts', 'test/support/postgres.ts'],
    pool: 'forks',
    // A process for many files: a sixth of the time went into loading the server again for each.
    isolate: false,
    // bcrypt, Postgres and the server under test share the machine with the tests.
    maxWorkers: 3,
    testTimeout: 40_000,
    hookTimeout: 30_000,
  },
});
