import { afterAll, beforeAll, expect, test } from 'vitest';
import { Switchboard } from '../src/client/index.js';
import { post } from './support/api.js';
import { phoneOf } from './support/phone.js';
import { startServer, type TestServer } from './support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test.concurrent('the application may ask for a token that is good, for requests of its own', async () => {
  const ana = await phoneOf(server);
  const { body } = await post(server.url, await ana.accessToken(), '{ me { id } }');
  expect(body.data).toEqual({ me: { id: ana.user!.id } });
  await ana.signOut();
  await expect(ana.accessToken()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test.concurrent('nobody is signed in at first, and there is no token', async () => {
  const phone = new Switchboard({ url: server.url });
  await expect(phone.accessToken()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});
