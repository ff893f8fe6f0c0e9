import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { environmentNames, loadConfig } from '../src/config.js';

interface Service {
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly volumes?: readonly string[];
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly configs: { readonly nodes: { readonly content: string } };
}

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const unit = read('deploy/switchboard@.service');
const nginx = read('deploy/nginx.conf');
const dockerfile = read('Dockerfile');
const composeText = read('deploy/compose.yml');
const compose = parse(composeText) as Compose;
const page = read('docs/operations.md');
const commands = new Map([...page.matchAll(/^```sh ?(\S*)\n([\s\S]+?)^```$/gm)].map(([, name, text]) => [name!, text!]));
const nodes = Object.values(compose.services).filter(({ environment }) => environment?.['DATABASE_URL'] !== undefined);
const drainSeconds = loadConfig({}).drainSeconds;
const pingSeconds = 12;

const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1]!);
const directive = (name: string): string => new RegExp(`^${name}=(.+)$`, 'm').exec(unit)?.[1] ?? '';
const unknown = (names: readonly string[]): string[] => names.filter((name) => !environmentNames.includes(name));

test('every variable that a node is given is one of the server', () => {
  const ofUnit = all(directive('Environment'), /(\w+)=/g);
  const ofImage = all(/^ENV (.+)$/m.exec(dockerfile)?.[1] ?? '', /(\w+)=/g);
  const ofPage = [...commands.values()]
    .flatMap((text) => all(text, /\/switchboard\.env <<ENV\n([\s\S]+?)^ENV$/gm))
    .flatMap((text) => all(text, /^(\w+)=/gm));
  const ofCompose = nodes.flatMap(({ environment }) => Object.keys(environment ?? {}));
  expect([ofUnit.length, ofImage.length, nodes.length]).toEqual([2, 2, 2]);
  expect(ofPage.length).toBeGreaterThan(5);
  expect(unknown([...ofUnit, ...ofImage, ...ofPage, ...ofCompose])).toEqual([]);
});

test('what the page names in capitals is a variable of the server, of a file here, or of Postgres', () => {
  const others = ['SIGTERM', 'POSTGRES_PASSWORD', 'TURN_HOST', 'UNAVAILABLE', 'LISTEN'];
  const prose = page.replaceAll(/^```[\s\S]+?^```$/gm, '').replaceAll(/`UPDATE [^`]+`/g, '');
  expect(unknown(all(prose, /`([A-Z][A-Z_]{4,})[=`]/g)).filter((name) => !others.includes(name))).toEqual([]);
});

test('a container runs as nobody special, on a file system that it cannot write, and can become nobody else', () => {
  expect(dockerfile.lastIndexOf('USER node')).toBeGreaterThan(dockerfile.lastIndexOf('FROM '));
  for (const node of nodes) {
    expect(node).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  }
});

test('the secrets that compose wants are those that the page makes, and what it gives a node starts one in production', () => {
  const wanted = [...new Set(all(composeText, /\$\{(\w+)/g))].toSorted();
  const made = all(commands.get('compose') ?? '', /^(\w+)=/gm).toSorted();
  expect(wanted).toEqual(made);
  const secret = '0f8c1d9ab24e67d35c90b1f2a7e48d6c';
  for (const { environment = {} } of nodes) {
    const values = Object.entries(environment).map(([name, value]) => [name, String(value).replaceAll(/\$\{\w+:\?\}/g, secret)]);
    expect(loadConfig({ NODE_ENV: 'production', PORT: '4000', ...Object.fromEntries(values) })).toMatchObject({
      production: true,
      trustedProxyHops: 1,
    });
  }
});

test('every file that is copied or mounted is there, and comes into the image', () => {
  const copied = all(dockerfile, /^COPY (?!--from)(.+) \S+$/gm).flatMap((paths) => paths.split(' '));
  const included = all(read('.dockerignore'), /^!(.+)$/gm);
  expect(copied.length).toBeGreaterThan(5);
  expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(included.toSorted()).toEqual(copied.toSorted());
  const mounted = Object.values(compose.services)
    .flatMap(({ volumes = [] }) => volumes)
    .flatMap((volume) => all(volume, /^\.\/([^:]+):/g));
  // The certificate is the operator's.
  expect(mounted.filter((file) => file !== 'tls' && !existsSync(join(root, 'deploy', file)))).toEqual([]);
});

test('the unit and the image start what npm start starts, on the Node that is asked for', () => {
  const { scripts, engines } = JSON.parse(read('package.json')) as { scripts: { start: string }; engines: { node: string } };
  const [, started = ''] = / exec (.+)$/.exec(` ${scripts.start}`) ?? [];
  expect(directive('ExecStart')).toBe(`/usr/bin/${started}`);
  expect(JSON.parse(/^CMD (.+)$/m.exec(dockerfile)?.[1] ?? '')).toEqual(started.split(' '));
  expect(new Set(all(dockerfile, /^FROM node:(\d+)/gm))).toEqual(new Set([engines.node.replace('>=', '')]));
});

test('ports agree', () => {
  const image = /PORT=(\d+)/.exec(dockerfile)?.[1];
  expect(/^EXPOSE (\d+)$/m.exec(dockerfile)?.[1]).toBe(image);
  expect(new Set(all(compose.configs.nodes.content, /^server node-\d:(\d+)/gm))).toEqual(new Set([image]));
  expect(all(compose.configs.nodes.content, /^server (node-\d)/gm)).toEqual(
    Object.keys(compose.services).filter((name) => name.startsWith('node-')),
  );
  expect(new Set(all(commands.get('start') ?? '', /@(\d+)/g))).toEqual(
    new Set(all(/for port in (.+?); do/.exec(commands.get('nginx') ?? '')?.[1] ?? '', /(\d+)/g)),
  );
});

test('a drain is not cut, and a socket that is pinged is not either', () => {
  expect(Number(directive('TimeoutStopSec'))).toBeGreaterThanOrEqual(drainSeconds + 15);
  for (const { stop_grace_period: grace } of nodes) expect(Number.parseInt(grace ?? '0', 10)).toBeGreaterThanOrEqual(drainSeconds + 15);
  for (const seconds of all(nginx, /proxy_(?:read|send)_timeout (\d+)s/g)) expect(Number(seconds)).toBeGreaterThan(2 * pingSeconds);
});

test('every command of the page has a name by which it is run', () => {
  const script = read('scripts/try-operations.mjs');
  expect(commands.size).toBeGreaterThan(15);
  expect([...commands.keys()].filter((name) => !script.includes(`'${name}'`))).toEqual([]);
});
