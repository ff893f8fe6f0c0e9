import { createServer, type Server } from 'node:http';
import { AccessTokens } from './auth/access-token.js';
import { AuthService } from './auth/auth.service.js';
import { DeviceRepository } from './auth/device.repository.js';
import { DeviceService } from './auth/device.service.js';
import { PasswordHasher } from './auth/password-hasher.js';
import { SessionRepository } from './auth/session.repository.js';
import { loadOrCreateDevelopmentKeys } from './auth/signing-secret.js';
import type { Viewer } from './auth/viewer.js';
import { CallHistoryRepository } from './calls/call-history.repository.js';
import { CallHistoryService } from './calls/call-history.service.js';
import { CallOrder } from './calls/call-order.js';
import { CallRepository } from './calls/call.repository.js';
import { CallService } from './calls/call.service.js';
import { LiveCalls } from './calls/live-calls.js';
import { RingSweep } from './calls/ring-sweep.js';
import { ConfigError, type Config } from './config.js';
import { lockDataDir } from './db/data-dir.js';
import { Database } from './db/database.js';
import { startEmbeddedPostgres } from './db/embedded-postgres.js';
import { migrate, missingFunctions } from './db/migrate.js';
import type { RequestContext, Services } from './graphql/context.js';
import { formatError } from './graphql/format-error.js';
import { Operations } from './graphql/operation.js';
import { createSchema } from './graphql/schema.js';
import { InboxRepository } from './inbox/inbox.repository.js';
import { Janitor, slotLengthUs } from './inbox/janitor.js';
import { PostgresInbox } from './inbox/postgres-inbox.js';
import type { Logger } from './logger.js';
import { Metrics } from './metrics.js';
import { createHttpApp } from './server/http.js';
import { listen } from './server/listen.js';
import { readBearer } from './server/token.js';
import { GraphQLWebSocketServer } from './server/websocket.js';
import { InboxService } from './signaling/inbox.service.js';
import { SignalRepository } from './signaling/signal.repository.js';
import { SignalService } from './signaling/signal.service.js';
import { entities, sqlFunctions } from './storage.js';
import { UserRepository } from './users/user.repository.js';
import { UserService } from './users/user.service.js';

/** A server that serves. */
export interface App {
  readonly port: number;
  readonly metricsPort: number | null;
  /** Stops what `startApp` started, in reverse; sockets get `drainSeconds` to leave. Idempotent. */
  stop(): Promise<void>;
}

/** The map of the system: builds everything by hand, in the order in which it depends on each other. */
export async function startApp(config: Config, logger: Logger): Promise<App> {
  await using started = new AsyncDisposableStack();
  const state = { draining: false };

  const databaseUrl = await openDatabaseUrl(config, logger, started);
  if (config.migrate) await migrate(databaseUrl, sqlFunctions);
  const database = started.adopt(await Database.open(databaseUrl, entities), (it) => it.close());
  await requireMigrated(database);

  const slotUs = slotLengthUs(config.retentionMs);
  const inbox = started.adopt(new PostgresInbox({ repository: new InboxRepository(database), logger }), (it) => it.stop());
  inbox.start();
  const janitor = started.adopt(new Janitor({ database, retentionMs: config.retentionMs, logger }), (it) => it.stop());
  janitor.start();

  const order = new CallOrder();
  const live = new LiveCalls();
  const calls = new CallService({ calls: new CallRepository({ database, slotUs }), inbox, order, live, limits: config.limits, logger });
  const sweep = started.adopt(new RingSweep({ calls, logger }), (it) => it.stop());
  sweep.start();

  const userRepository = new UserRepository(database);
  const devices = new DeviceService({ devices: new DeviceRepository(database), calls, logger });
  const tokens = new AccessTokens({
    keys: config.signingKeys ?? (await loadOrCreateDevelopmentKeys(config.dataDir)),
    lifetimeSeconds: config.accessTokenSeconds,
  });
  const services: Services = {
    auth: new AuthService({
      sessions: new SessionRepository(database),
      users: userRepository,
      devices,
      hasher: await PasswordHasher.create({ cost: config.bcryptCost }),
      tokens,
      refreshTokenDays: config.refreshTokenDays,
    }),
    devices,
    users: new UserService({ users: userRepository }),
    calls,
    history: new CallHistoryService(new CallHistoryRepository(database)),
    signals: new SignalService({ signals: new SignalRepository({ database, slotUs }), calls, inbox, order, live, limits: config.limits }),
    inbox: new InboxService({ inbox, calls, logger }),
  };

  const authenticate = (token: string): Promise<Viewer | null> => services.auth.authenticate(token);
  const createContext = (viewer: Viewer | null): RequestContext => ({ ...services, viewer });

  const schema = createSchema();
  const shared = {
    schema,
    operations: new Operations({ schema, limits: config.limits, production: config.production }),
    corsOrigins: config.corsOrigins,
    formatError: (error: Parameters<typeof formatError>[0]) => formatError(error, { logger, production: config.production }),
  };
  const sockets = new GraphQLWebSocketServer<Viewer, RequestContext>({
    ...shared,
    limits: config.limits,
    logger,
    authenticate,
    createContext,
  });
  devices.onRevoked((deviceIds) => sockets.closeDevices(deviceIds));
  devices.onRenewed((deviceId, expiresAt) => sockets.extendDevice(deviceId, expiresAt));

  const metrics = new Metrics();
  metrics.gauge('sockets', 'Open WebSockets', () => sockets.size);
  metrics.gauge('subscriptions', 'Open subscriptions', () => sockets.subscriptions);
  const http = started.adopt(
    await createHttpApp({
      ...shared,
      production: config.production,
      trustedProxyHops: config.trustedProxyHops,
      maxBodyBytes: config.limits.LIMIT_MESSAGE_BYTES,
      metrics,
      serveMetrics: config.metricsPort === null,
      createContext: async (request) => {
        const token = readBearer(request.headers.authorization);
        return createContext(token === null ? null : await authenticate(token));
      },
      notReadyBecause: async () => {
        if (state.draining) return 'draining';
        return (await database.isReachable()) ? null : 'no database';
      },
    }),
    (it) => it.stop(),
  );

  const server = started.adopt(createServer(http.handle), closeServer);
  sockets.attach(server, '/graphql');
  started.defer(() => sockets.stop(config.drainSeconds * 1_000));
  const port = await listen(server, config);
  const metricsPort = config.metricsPort === null ? null : await serveMetrics(metrics, config.host, config.metricsPort, started);

  const running = started.move();
  return {
    port,
    metricsPort,
    stop: () => {
      state.draining = true;
      return running.disposeAsync();
    },
  };

  async function requireMigrated(opened: Database): Promise<void> {
    const missing = await missingFunctions(opened, sqlFunctions);
    if (missing.length > 0)
      throw new ConfigError([
        `The database lacks what this version needs (${missing.join(', ')}). Run \`npm run migrate\`, or set MIGRATE=on.`,
      ]);
  }
}

/** The database that was given, or our own. */
export async function openDatabaseUrl(config: Config, logger: Logger, started: AsyncDisposableStack): Promise<string> {
  if (config.databaseUrl !== 'embedded') return config.databaseUrl;
  started.adopt(await lockDataDir(config.dataDir), (lock) => lock.release());
  const postgres = await startEmbeddedPostgres({
    dataDir: config.dataDir,
    // Its log goes into ours, where no statement may stand.
    settings: { log_min_error_statement: 'panic', log_error_verbosity: 'terse' },
    log: (line) => logger.debug({ line }, 'postgres'),
  });
  started.adopt(postgres, (it) => it.stop());
  return postgres.url;
}

async function serveMetrics(metrics: Metrics, host: string, port: number, started: AsyncDisposableStack): Promise<number> {
  const server = started.adopt(
    createServer((_request, response) => {
      void metrics.text().then((text) => response.setHeader('content-type', metrics.contentType).end(text));
    }),
    closeServer,
  );
  return listen(server, { host, port, portIsFixed: true });
}

/** Answers what is under way, lets go of connections that only wait. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 2_000).unref();
  });
}
