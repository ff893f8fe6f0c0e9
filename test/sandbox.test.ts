import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { post } from './support/api.js';
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
