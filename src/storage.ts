import { deleteAccount } from './auth/delete-account.sql.js';
import { DeviceEntity } from './auth/device.entity.js';
import { acceptCall } from './calls/accept-call.sql.js';
import { CallEntity } from './calls/call.entity.js';
import { callSteps } from './calls/call-steps.sql.js';
import { createCall } from './calls/create-call.sql.js';
import { ConfigError, type Config } from './config.js';
import { endCall } from './calls/end-call.sql.js';
import { expireCall, loseCall, ringCall, terminateCall } from './calls/server-steps.sql.js';
import { lockDataDir } from './db/data-dir.js';
import { Database } from './db/database.js';
import { startEmbeddedPostgres } from './db/embedded-postgres.js';
import { migrate, missingFunctions } from './db/migrate.js';
import type { SqlFunction } from './db/sql-function.js';
import { appendEvent } from './inbox/inbox.js';
import type { Logger } from './logger.js';
import { appendSignals } from './signaling/append-signals.sql.js';
import { UserEntity } from './users/user.entity.js';
import { webhooksSetting, writeWebhook } from './webhooks/write-webhook.sql.js';

/** All that the features keep in Postgres as entities. */
export const entities = [UserEntity, DeviceEntity, CallEntity] as const;

/** All that the features decide in Postgres; what one calls stands before it. */
const sqlFunctions: readonly SqlFunction[] = [
  appendEvent,
  writeWebhook,
  ...callSteps,
  createCall,
  acceptCall,
  endCall,
  expireCall,
  terminateCall,
  ringCall,
  loseCall,
  appendSignals,
  deleteAccount,
];

/** The database that was given, or our own, migrated to this version. */
export async function openStorage(config: Config, logger: Logger, started: AsyncDisposableStack): Promise<Database> {
  const url = await openDatabaseUrl(config, logger, started);
  if (config.migrate) await migrate(url, sqlFunctions);
  const settings = config.webhook === null ? [] : [`${webhooksSetting}=on`];
  const database = started.adopt(await Database.open(url, entities, settings), (it) => it.close());
  const missing = await missingFunctions(database, sqlFunctions);
  if (missing.length > 0) {
    throw new ConfigError([
      `The database lacks what this version needs (${missing.join(', ')}). Run \`npm run migrate\`, or set MIGRATE=on.`,
    ]);
  }
  return database;
}

/** Brings the database up to date, and no more. */
export async function migrateStorage(config: Config, logger: Logger): Promise<void> {
  await using started = new AsyncDisposableStack();
  await migrate(await openDatabaseUrl(config, logger, started), sqlFunctions);
}

async function openDatabaseUrl(config: Config, logger: Logger, started: AsyncDisposableStack): Promise<string> {
  if (config.databaseUrl !== 'embedded') return config.databaseUrl;
  started.adopt(await lockDataDir(config.dataDir), (lock) => lock.release());
  const postgres = await startEmbeddedPostgres({
    dataDir: config.dataDir,
    // Its log goes into ours, where no statement may stand, and no error, whose text may repeat a value: it comes to us with its code.
    settings: { log_min_messages: 'log', log_min_error_statement: 'panic', log_error_verbosity: 'terse' },
    log: (line) => logger.debug({ line }, 'postgres'),
  });
  started.adopt(postgres, (it) => it.stop());
  return postgres.url;
}
