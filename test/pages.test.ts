import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Pages } from '../src/server/pages.js';
import { startServer, startServerForTest, type TestServer } from './support/server.js';

let folder: string;
let pages: Pages;
let server: TestServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pages-'));
  pages = { console: join(folder, 'web'), examples: join(folder, 'examples') };
  await Promise.all([mkdir(pages.console), mkdir(pages.examples)]);
  await writeFile(join(pages.console, 'index.html'), '<!doctype html>the console');
  await writeFile(join(pages.console, '.built'), 'not for others');
  await writeFile(join(pages.examples, 'page.html'), '<!doctype html>an example');
  await writeFile(join(folder, '.env'), 'not for others');
  server = await startServer({}, pages);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** With the path as it stands: `fetch` would resolve it first. */
async function get(path: string, headers: Record<string, string> = {}, { url } = server) {
  const [response] = (await once(request({ port: new URL(url).port, path, headers }).end(), 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

test('in development the console is at /, with a policy that lets it load and reach this server alone', async () => {
  const { status, headers, body } = await get('/');
  expect({ status, body }).toEqual({ status: 200, body: '<!doctype html>the console' });
  expect(headers['content-security-policy']).toMatch(/^default-src 'self';/);
  expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|https?:/);
  expect((await get('/examples/page.html')).body).toBe('<!doctype html>an example');
});

test.for([
  '/../.env',
  '/%2e%2e/.env',
  '/%2e%2e%2f.env',
  '/..%5c.env',
  '/examples/../../.env',
  '/examples/..%2f..%2f.env',
  '/.built',
  '/%2ebuilt',
  '/examples/%',
  '/%00',
])('%s leads to nothing', async (path) => {
  const { status, body } = await get(path);
  expect({ status, body }).toEqual({ status: 404, body: 'Not found. The API is at /graphql.\n' });
});

test.for([
  [{ range: 'bytes=9999-' }, 416],
  [{ 'if-match': '"another"' }, 412],
] as const)('a file that is asked for with %j is answered with %i, and as text', async ([headers, status]) => {
  expect(await get('/', headers)).toMatchObject({ status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
});

test('in production there are none, whatever is built', async () => {
  const production = await startServerForTest({ NODE_ENV: 'production', HOST: '127.0.0.1', BCRYPT_COST: '10' }, pages);
  expect((await get('/', {}, production)).body).not.toContain('the console');
  for (const path of ['/index.html', '/examples/page.html']) expect(await get(path, {}, production)).toMatchObject({ status: 404 });
});
