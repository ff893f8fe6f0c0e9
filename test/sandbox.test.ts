import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  Kind,
  parse,
  print,
  validate,
  type DocumentNode,
  type IntrospectionQuery,
} from 'graphql';
import { createClient } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { post } from './support/api.js';
import { root } from './support/build.js';
import { startServerForTest } from './support/server.js';

/** Where Apollo serves Sandbox from: embedded in the page of the server, and on its own. */
const sandboxOrigins = ['https://sandbox.embed.apollographql.com', 'https://studio.apollographql.com'];
const production = { NODE_ENV: 'production', HOST: '127.0.0.1', BCRYPT_COST: '10' };

test('a browser finds Apollo Sandbox at the address of the API', async () => {
  const { url } = await startServerForTest();
  const response = await openedByABrowser(url);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/html');
  const page = await response.text();
  expect(page).toContain('new window.EmbeddedSandbox(');
  // The page may frame this origin, so it is the one that Sandbox runs at.
  expect(page).toMatch(/frame-src [^"]*https:\/\/sandbox\.embed\.apollographql\.com/);
  // A policy in the headers would come on top of the page's own, and keep Sandbox from loading.
  expect(response.headers.get('content-security-policy')).toBeNull();
});

test('a subscription runs with the settings that the page gives to Sandbox', async () => {
  const { url, webSocketUrl } = await startServerForTest();
  const page = await (await openedByABrowser(url)).text();
  const settings = givenToSandbox(page, url);
  expect(settings).toMatchObject({ initialEndpoint: url, initialSubscriptionEndpoint: webSocketUrl, runTelemetry: false });
  const document = parse(settings.initialState.document);
  expect(validate(buildSchema(await readFile(join(root, 'schema/schema.graphql'), 'utf8')), document)).toEqual([]);

  const { body } = await post<{ register: { accessToken: string } }>(url, null, only(document, 'Register'));
  // As the script of Sandbox does it: by graphql-ws, with the headers of the operation.
  const socket = createClient({
    url: settings.initialSubscriptionEndpoint,
    lazy: true,
    connectionParams: { Authorization: `Bearer ${body.data!.register.accessToken}` },
    keepAlive: 10_000,
    webSocketImpl: WebSocket,
  });
  onTestFinished(async () => {
    await socket.dispose();
  });
  for await (const { data } of socket.iterate<{ inbox: { __typename: string } }>({ query: only(document, 'Inbox') })) {
    expect(data?.inbox.__typename).toBe('Ready');
    break;
  }
});

test('in production there is no such page', async () => {
  const { url } = await startServerForTest(production);
  const response = await openedByABrowser(url);
  expect(response.status).not.toBe(200);
  expect(await response.text()).not.toMatch(/apollographql|<script/i);
});

test('what Sandbox asks about the schema is answered in development, and refused in production', async () => {
  const question = getIntrospectionQuery({
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
  });
  const { body } = await post<IntrospectionQuery>((await startServerForTest()).url, null, question);
  expect(body.errors).toBeUndefined();
  expect(buildClientSchema(body.data!).getSubscriptionType()?.getFields()).toHaveProperty('inbox');
  const refused = await post((await startServerForTest(production)).url, null, question);
  expect(refused.body.data).toBeUndefined();
  expect(refused.body.errors?.[0]?.extensions).toEqual({ code: 'BAD_QUERY' });
});

test.for(sandboxOrigins)('Sandbox at %s may use a development server', async (origin) => {
  const { url, webSocketUrl } = await startServerForTest();
  const preflight = await askBefore(url, origin);
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
  expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
  const answer = await fetch(url, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: '{"query":"{ __typename }"}',
  });
  expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  expect(await answer.json()).toEqual({ data: { __typename: 'Query' } });
  expect(await handshake(webSocketUrl, origin)).toBe(101);
});

test.for(sandboxOrigins)('Sandbox at %s may not use a server in production', async (origin) => {
  const { url, webSocketUrl } = await startServerForTest(production);
  expect((await askBefore(url, origin)).headers.get('access-control-allow-origin')).toBeNull();
  expect(await handshake(webSocketUrl, origin)).toBe(403);
});

test('an origin that was allowed may use a server in production, and none beside it', async () => {
  const origin = 'https://calls.example.org';
  const { url, webSocketUrl } = await startServerForTest({ ...production, CORS_ORIGINS: origin });
  expect((await askBefore(url, origin)).headers.get('access-control-allow-origin')).toBe(origin);
  expect(await handshake(webSocketUrl, origin)).toBe(101);
  for (const stranger of ['https://calls.example.org.evil.example', 'http://calls.example.org', 'null']) {
    expect((await askBefore(url, stranger)).headers.get('access-control-allow-origin')).toBeNull();
    expect(await handshake(webSocketUrl, stranger)).toBe(403);
  }
});

interface SandboxSettings {
  readonly initialEndpoint: string;
  readonly initialSubscriptionEndpoint: string;
  readonly initialState: { readonly document: string };
}

/** What the page's own script says to the one that it loads from Apollo. */
function givenToSandbox(page: string, href: string): SandboxSettings {
  const scripts = [...page.matchAll(/<script nonce="[0-9a-f]+">([\s\S]+?)<\/script>/g)].map(([, text]) => text!);
  const given: SandboxSettings[] = [];
  class EmbeddedSandbox {
    constructor(settings: SandboxSettings) {
      given.push(settings);
    }
  }
  for (const script of scripts) runInNewContext(script, { window: { location: { href }, EmbeddedSandbox } });
  expect(given).toHaveLength(1);
  return given[0]!;
}

function only(document: DocumentNode, name: string): string {
  return print(
    document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION && definition.name?.value === name)!,
  );
}

function openedByABrowser(url: string): Promise<Response> {
  return fetch(url, { headers: { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' } });
}

/** What a browser asks before it lets a page of another origin send a query. */
function askBefore(url: string, origin: string): Promise<Response> {
  const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' };
  return fetch(url, { method: 'OPTIONS', headers });
}

/** The status that answers a WebSocket's handshake: 101 where it is opened. */
async function handshake(url: string, origin: string): Promise<number | undefined> {
  const socket = new WebSocket(url, 'graphql-transport-ws', { origin });
  socket.on('error', () => undefined);
  const status = await Promise.race([
    once(socket, 'upgrade').then(() => 101),
    once(socket, 'unexpected-response').then(([, response]: unknown[]) => (response as IncomingMessage).statusCode),
  ]);
  socket.terminate();
  return status;
}
