import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { root } from './build.js';

/** What every such program has: the SDK as it is built, and a few things to say it shortly. */
const prologue = `
const { memoryStore, operations, Switchboard } = await import(${JSON.stringify(pathToFileURL(join(root, 'dist/client/index.js')).href)});
const url = process.argv[1];
const until = async (what, look) => {
  for (const end = performance.now() + 20_000; !look(); await new Promise((resolve) => setTimeout(resolve, 5)))
    if (performance.now() > end) throw new Error('Waited in vain for ' + what);
};
const phoneOf = async (options) => {
  const phone = new Switchboard({ url, createPeerConnection: null, ...options });
  await phone.register({ username: 'process-' + crypto.randomUUID().slice(0, 13), password: 'correct horse' });
  await until('the connection', () => phone.cursor !== null);
  return phone;
};
`;

/** What a program says that uses the SDK with that server, when it has ended by itself. */
export async function runProgram({ url }: { readonly url: string }, program: string): Promise<unknown> {
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '--eval', prologue + program, url], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  let output = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => child.on('close', (...end) => resolve(end)));
  expect({ code, signal, complaints }).toEqual({ code: 0, signal: null, complaints: '' });
  return JSON.parse(output);
}
