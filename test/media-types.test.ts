import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from './support/server.js';

// Section 6 of the GraphQL-over-HTTP specification: what a client accepts, and the status that goes with it.

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const plain = 'application/json; charset=utf-8';
const own = 'application/graphql-response+json; charset=utf-8';

async function asked(accept: string | null, query: string, more: object = {}): Promise<{ status: number; type: string | null }> {
  const headers = { 'content-type': 'application/json', ...(accept === null ? {} : { accept }) };
  const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, ...more }) });
  await response.text();
  return { status: response.status, type: response.headers.get('content-type') };
}

test.for([
  [null, plain],
  ['*/*', plain],
  ['application/*', plain],
  ['application/json', plain],
  ['application/json; charset=utf-8', plain],
  ['application/graphql-response+json', own],
  ['application/graphql-response+json; charset=utf-8', own],
  ['application/graphql-response+json, application/json;q=0.9', own],
  ['application/graphql-response+json; charset=utf-8, application/json', own],
  ['application/json; charset=utf-8, application/graphql-response+json;q=0.5', plain],
] as const)('who accepts %s is answered in %s', async ([accept, type]) => {
  expect(await asked(accept, '{ __typename }')).toEqual({ status: 200, type });
  // One that fails while it runs has been answered all the same; one that cannot be read has not.
  expect(await asked(accept, '{ me { id } }')).toEqual({ status: 200, type });
  expect(await asked(accept, '{ there { is { none } } }')).toEqual({ status: type === own ? 400 : 200, type });
});

test('who accepts neither is told so', async () => {
  expect((await asked('text/csv', '{ __typename }')).status).toBe(406);
});

test('a hash is asked for in vain, with its document and without', async () => {
  const extensions = { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } };
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ __typename }', extensions }),
  });
  expect(await response.json()).not.toHaveProperty('data');
});
