import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readOptions } from '../src/demo/options.js';
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

test.for([3, 5])('of %i devices all ring, one answers, the others are told, and none of what came next is lost', async (count) => {
  const { code, out, err } = await runDemo(['--devices', `${count}`], server.url);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const others = ['tablet', 'laptop', 'desktop', 'watch'].slice(0, count - 1);
  for (const name of ['phone', ...others]) expect(out).toMatch(new RegExp(`${name} +rings`));
  expect(out).toMatch(/phone +answer sent/);
  for (const name of others) {
    expect(out).toMatch(new RegExp(`${name} +answered elsewhere +\\d+\\.\\d ms after the answer`));
    expect(out).toMatch(new RegExp(`answer sent to the ${name} told +\\d+\\.\\d ms`));
  }
  expect(out.match(/answered elsewhere/g)).toHaveLength(others.length);
  expect(out).toMatch(/tablet +declined too late +refused: CALL_STATE_CONFLICT/);
  expect(out).toMatch(/cleo +busy +ENDED, BUSY/);
  expect(out).toMatch(/phone +cut off/);
  expect(out).toMatch(/phone +message received +"Are you still there\?"/);
  expect(out).toMatch(/phone +notes received +one, two and three$/m);
  for (const name of ['ana', 'phone', ...others]) expect(out).toMatch(new RegExp(`${name} +ended +HUNG_UP`));
  expect(out).not.toContain('NaN');

  const [, timeline = ''] = out.split('as the server tells it');
  for (const entry of ['ana +CREATED', 'phone +ANSWERED', 'phone +ANSWER', 'ana +CUSTOM', 'ana +ENDED'])
    expect(timeline).toMatch(new RegExp(entry));
});

test('the help says what the options are', async () => {
  const { code, out } = await runDemo(['--help'], 'not used');
  expect(code).toBe(0);
  expect(out).toContain('--devices 3');
});

test.for([
  [[], { help: false, devices: 1 }],
  [['--devices', '3'], { help: false, devices: 3 }],
  [['--devices=5'], { help: false, devices: 5 }],
  [['--devices', '1', '--help'], { help: true, devices: 1 }],
] as const)('the options %j are %j', ([args, options]) => {
  expect(readOptions(args)).toEqual(options);
});

test.for([
  [['devices'], 'devices is no option of the demo; try --help.'],
  [['--', '--help'], '-- is no option of the demo; try --help.'],
  [['--devices', '0'], '--devices takes a number from 1 to 5, not 0.'],
  [['--devices', '6'], '--devices takes a number from 1 to 5, not 6.'],
  [['--devices=1.5'], '--devices takes a number from 1 to 5, not 1.5.'],
  [['--devices'], '--devices takes a number from 1 to 5, not nothing.'],
] as const)('the options %j are refused', ([args, message]) => {
  expect(() => readOptions(args)).toThrow(message);
});

test('without a path the address means the API of the server', async () => {
  const { code } = await runDemo([], new URL('/', server.url).href);
  expect(code).toBe(0);
});

test.for([
  ['an option it does not have', ['--device', '3'], '', '--device is no option of the demo; try --help.'],
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
