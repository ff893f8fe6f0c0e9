import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from './support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test('two peers open a data channel through a server that runs, and tell what it took', async () => {
  const { code, out, err } = await runDemo([], server.url);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/ana +data channel open/);
  expect(out).toMatch(/ben +data channel open/);
  expect(out).toMatch(/ben +message received +"Hello Ben/);
  expect(out).toMatch(/ana +message received/);
  expect(out).toMatch(/createCall to data channel open +\d+\.\d ms/);
  expect(out).not.toContain('NaN');

  const [, timeline = ''] = out.split('as the server tells it');
  for (const kind of ['CREATED', 'RINGING', 'OFFER', 'ANSWERED', 'ANSWER', 'ICE_CANDIDATE', 'ENDED'])
    expect(timeline).toMatch(new RegExp(` ${kind}\\b`));
  // The candidates stay on this machine.
  expect(out).not.toContain('stun');
});

test('without a path the address means the API of the server', async () => {
  const { code } = await runDemo([], new URL('/', server.url).href);
  expect(code).toBe(0);
});

test.for([
  ['an option it does not have', ['--devices', '3'], '', '--devices is no option of the demo; try --help.'],
  ['an address that is none', [], 'localhost:4000', 'SWITCHBOARD_URL is no http or https address: localhost:4000'],
  ['an address where nobody answers', [], 'http://127.0.0.1:1', 'No server answers at http://127.0.0.1:1/graphql.'],
] as const)('%s is said, and the demo fails', async ([, args, url, message]) => {
  const { code, err } = await runDemo(args, url);
  expect({ code, err }).toEqual({ code: 1, err: `${message}\n` });
});

function runDemo(args: readonly string[], url: string): Promise<{ code: number | string; out: string; err: string }> {
  const program = resolve(import.meta.dirname, '../dist/demo/main.js');
  return new Promise((done) => {
    execFile(process.execPath, [program, ...args], { env: { ...process.env, SWITCHBOARD_URL: url } }, (error, out, err) => {
      done({ code: error === null ? 0 : (error.code ?? 'killed'), out, err });
    });
  });
}
