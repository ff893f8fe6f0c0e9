import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

// A rule that has never been seen to go red checks nothing: each is broken here once, by the smallest file that does.
const violations: Record<string, Record<string, string>> = {
  'domain-without-transport': { 'src/calls/call.service.ts': `import type { GraphQLError } from 'graphql';` },
  'database-in-repositories': { 'src/calls/ring.ts': `export { EntityManager } from '@mikro-orm/postgresql';` },
  'inbox-and-bus-know-no-feature': { 'src/bus/redis-bus.ts': `import { Call } from '../calls/call.types.js';` },
  'inbox-by-its-interface': { 'src/calls/ring.ts': `import { Writer } from '../inbox/writer.js';` },
  'bus-by-its-interface': { 'src/teams/team.service.ts': `const bus = await import('../bus/redis-bus.js');` },
  'server-knows-no-feature': { 'src/server/http.ts': `let call: import('../calls/call.types.js').Call;` },
  'client-stands-alone': { 'src/client/socket.ts': `import { AppError } from '../errors.js';` },
  'client-is-not-the-server': { 'src/auth/token.ts': `import { Socket } from '../client/socket.js';` },
  'web-uses-the-sdk-only': { 'src/web/page.tsx': `import { loadConfig } from '../config.js';` },
  'errors-import-nothing': { 'src/errors.ts': `import { inspect } from 'node:util';` },
  'config-is-pure': { 'src/config.ts': `import { readFileSync } from 'fs';` },
  'process-in-main': { 'src/auth/token.ts': `import { env } from 'node:process';` },
  'no-cycles': { 'src/auth/a.ts': `import './b.js';`, 'src/auth/b.ts': `export type { A } from './a.js';` },
  'names-that-say-something': { 'src/auth/utils.ts': '' },
};

const blameless: Record<string, string> = {
  'src/main.ts': `import { env } from 'node:process';`,
  'src/app.ts': `import { MikroORM } from '@mikro-orm/postgresql';`,
  'src/config.ts': `import { z } from 'zod'; import { AppError } from './errors.js';`,
  'src/calls/call.resolver.ts': `import { Resolver } from 'type-graphql'; import { Context } from '../graphql/context.js';`,
  'src/calls/call.service.ts': `import type { Inbox } from '../inbox/inbox.js'; import type { Bus } from '../bus/bus.js';`,
  'src/calls/accept-call.sql.ts': `import { sql } from 'kysely';`,
  'src/client/index.ts': `export { createClient } from 'graphql-ws';`,
  'src/web/console.ts': `import { connect } from '../client/index.js';`,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'house-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function checkHouse(name: string, files: Record<string, string>): { status: number | null; output: string } {
  const root = join(folder, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/check-house.mjs', '--root', root], {
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

test.for(Object.entries(violations))('the house refuses %s', ([rule, files]) => {
  const { status, output } = checkHouse(rule, files);
  expect(output).toContain(`(${rule})`);
  expect(output).toContain('Rules broken: 1.');
  expect(status).toBe(1);
});

test('the house has a violation on show for each of its rules', () => {
  const { stdout } = spawnSync(process.execPath, ['scripts/check-house.mjs', '--help'], { encoding: 'utf8' });
  const rules = [...stdout.matchAll(/^ {2}([a-z-]+) {2}/gm)].map(([, rule = '']) => rule);
  expect(Object.keys(violations).sort()).toEqual(rules.sort());
});

test('the house lets pass what the design allows', () => {
  expect(checkHouse('blameless', blameless)).toMatchObject({ status: 0 });
});

test('the house does not pass a file that it could not read', () => {
  expect(checkHouse('unread', { 'src/broken.ts': 'import {' })).toMatchObject({ status: 1 });
});
