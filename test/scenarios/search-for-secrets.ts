import { slotLengthUs } from '../../src/inbox/janitor.js';
import { Canaries } from '../support/canaries.js';
import { dumpDatabase } from '../support/database-dump.js';
import { runSql } from '../support/database.js';
import { troubles } from '../support/database-troubles.js';
import type { EmbeddedFolder } from '../support/embedded-folder.js';
import { startSecretiveServer, type SecretiveServer } from '../support/secretive-server.js';
import type { Launch } from '../support/server-process.js';
import { until } from '../support/until.js';
import { SecretsTold } from './secrets-told.js';

export interface SearchResult {
  /** `where: what`, for each place in which a secret was and does not belong. */
  readonly found: string[];
  /** Whether payloads were in the database while they may be: else the search would find nothing anywhere. */
  readonly werePayloadsKept: boolean;
  /** How many secrets were told, in how many words was looked for them, and how long the log was. */
  readonly secrets: number;
  readonly words: number;
  readonly log: string;
}

export interface Search extends Launch {
  /** Resolves when no signal is to be kept any more. */
  readonly passRetention?: (server: SecretiveServer) => Promise<unknown>;
  /** What becomes of the database; all of it where it is left out. */
  readonly during?: readonly (keyof typeof troubles)[];
  /** Where the server brings a database of its own. */
  readonly embedded?: EmbeddedFolder | null;
}

const retentionMs = 60_000;

/**
 * Tells a server every kind of secret in every way, while all is well and while its database has its troubles, and looks
 * for them in all that came out of it: answers, frames, closes, the log, webhooks, and the database, behind the retention too.
 */
export async function searchForSecrets({ passRetention = seemToPass, during, embedded = null, ...launch }: Search): Promise<SearchResult> {
  const canaries = new Canaries();
  await using server = await startSecretiveServer(
    canaries,
    { ...launch, environment: { ...launch.environment, SIGNAL_RETENTION_MINUTES: '1' } },
    embedded,
  );
  const told = await SecretsTold.begin(server.process, canaries);
  // Those behind the first call are tried again.
  server.webhooks.answerFor(told.callee, (_heard, n) => (n < 5 ? 500 : 204));
  await told.askEverything();
  await told.stray();
  for (const what of during ?? Object.keys(troubles)) await troubles[what]!(server, () => told.askRightly(what));
  await told.comeAndGo();
  await told.lookAround();

  const found = new Set<string>();
  const look = (where: string, text: string, kept?: 'never'): void => {
    for (const what of canaries.in(text, kept)) found.add(`${where}: ${what}`);
  };
  const before = await dumpDatabase(server.databaseUrl);
  for (const [table, text] of before) look(`the database, in ${table}`, text, 'never');
  await passRetention(server);
  for (const [table, text] of await dumpDatabase(server.databaseUrl)) look(`the database behind the retention, in ${table}`, text);

  await server.process.stop();
  await told.hearTheEnd();
  for (const { where, text } of told.overheard.words) look(where, text);
  for (const { raw, headers } of server.webhooks.heard) look('a webhook', `${raw} ${JSON.stringify(headers)}`);
  look('the log', server.process.output);
  return {
    found: [...found],
    werePayloadsKept: [...before.values()].some((text) => canaries.in(text, 'while signals are').length > 0),
    secrets: canaries.count,
    words: told.overheard.words.length,
    log: server.process.output,
  };
}

/** As if all that is kept had been written long ago: it lies where the janitor of the server empties next. */
async function seemToPass({ databaseUrl }: SecretiveServer): Promise<void> {
  const slot = `(floor(extract(epoch FROM clock_timestamp()) * 1000000 / ${slotLengthUs(retentionMs)})::bigint + 2) % 6`;
  await runSql(databaseUrl, `UPDATE inbox SET slot = ${slot}`);
  await isEmpty(databaseUrl, 15_000);
}

/** Until the server has forgotten them by itself. */
export async function letPass({ databaseUrl }: SecretiveServer): Promise<void> {
  await isEmpty(databaseUrl, 3 * retentionMs);
}

async function isEmpty(databaseUrl: string, withinMs: number): Promise<void> {
  const isThere = async () => (await runSql(databaseUrl, 'SELECT 1 FROM inbox LIMIT 1')).length > 0;
  await until('the inbox to be empty', async () => !(await isThere()), { withinMs, everyMs: 200 });
}
