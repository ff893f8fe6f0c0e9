import type { Canaries } from './canaries.js';
import { createEmptyDatabase, runSql } from './database.js';
import type { EmbeddedFolder } from './embedded-folder.js';
import { Proxy } from './proxy.js';
import { ServerProcess, type Launch } from './server-process.js';
import { WebhookReceiver, webhookSecret } from './webhook-receiver.js';

/** A server whose own secrets are canaries, with a way to its database that can be cut, and a receiver of its webhooks. */
export interface SecretiveServer extends AsyncDisposable {
  readonly process: ServerProcess;
  /** Not by the way that can be cut. */
  readonly databaseUrl: string;
  readonly database: Proxy;
  readonly webhooks: WebhookReceiver;
}

/** `embedded`: where it brings a database of its own, which then is cut off by nothing; else it has one of this run. */
export async function startSecretiveServer(
  canaries: Canaries,
  launch: Launch,
  embedded: EmbeddedFolder | null = null,
): Promise<SecretiveServer> {
  await using started = new AsyncDisposableStack();
  const own = <Part extends { stop(): unknown }>(part: Part): Part => started.adopt(part, async (it) => void (await it.stop()));
  const databaseUrl = await createEmptyDatabase();
  const database = own(await Proxy.start({ url: databaseUrl }));
  const webhooks = own(await WebhookReceiver.start());
  canaries.keep('webhook_secret', webhookSecret.replace('whsec_', ''));
  const process = await ServerProcess.start({
    ...launch,
    keepsAll: true,
    environment: {
      DATABASE_URL: await asCanary(databaseUrl, canaries.make('database'), new URL(database.url).port),
      JWT_SECRET: `k1:${canaries.make('jwt_key')}`,
      TURN_URLS: 'turn:turn.example.org',
      TURN_SECRET: canaries.make('turn_key'),
      ...webhooks.environment,
      ...launch.environment,
      ...embedded?.environment,
    },
  });
  started.defer(() => process.kill());
  const ownUrl = await embedded?.databaseUrl();
  if (ownUrl !== undefined) canaries.keep('database', new URL(ownUrl).password);
  const parts = started.move();
  return { process, databaseUrl: ownUrl ?? databaseUrl, database, webhooks, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

/** The same database by another port, as somebody whose password this is. */
async function asCanary(databaseUrl: string, password: string, port: string): Promise<string> {
  const role = `role_${password.slice(-12)}`;
  await runSql(databaseUrl, `CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD '${password}'`);
  const url = new URL(databaseUrl);
  Object.assign(url, { username: role, password, port });
  return url.href;
}
