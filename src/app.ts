import { randomUUID } from 'node:crypto';
import { AccessTokens } from './auth/access-token.js';
import { AccountRepository } from './auth/account.repository.js';
import { AuthService } from './auth/auth.service.js';
import { DeviceRepository } from './auth/device.repository.js';
import { DeviceService } from './auth/device.service.js';
import { PasswordHasher } from './auth/password-hasher.js';
import { SessionRepository } from './auth/session.repository.js';
import { SessionWatch } from './auth/session-watch.js';
import { loadOrCreateDevelopmentKeys } from './auth/signing-secret.js';
import type { Viewer } from './auth/viewer.js';
import { BlockRepository } from './blocks/block.repository.js';
import { BlockService } from './blocks/block.service.js';
import { createBus } from './bus/create-bus.js';
import { CallHistoryRepository } from './calls/call-history.repository.js';
import { CallHistoryService } from './calls/call-history.service.js';
import { CallOrder } from './calls/call-order.js';
import { CallRepository } from './calls/call.repository.js';
import { CallRate } from './calls/call-rate.js';
import { CallService } from './calls/call.service.js';
import { LiveCalls } from './calls/live-calls.js';
import { createCallSweep } from './calls/call-sweep.js';
import { MissedRepository } from './calls/missed.repository.js';
import type { Config } from './config.js';
import { DatabaseClock } from './db/database-clock.js';
import type { RequestContext, Services } from './graphql/context.js';
import { errorFormatter } from './graphql/format-error.js';
import { Operations } from './graphql/operation.js';
import { createSchema } from './graphql/schema.js';
import { IceService } from './ice/ice.service.js';
import { InboxRepository } from './inbox/inbox.repository.js';
import { Janitor, slotLengthUs } from './inbox/janitor.js';
import { PostgresInbox } from './inbox/postgres-inbox.js';
import type { Logger } from './logger.js';
import { Metrics } from './metrics.js';
import { observeNode, watchNode } from './node-metrics.js';
import { startPresence } from './presence/start-presence.js';
import { WatchingService } from './presence/watching.service.js';
import { Rates } from './rates.js';
import { createHttpApp } from './server/http.js';
import { planDrain } from './server/drain-plan.js';
import { OpenSockets } from './server/open-sockets.js';
import type { Pages } from './server/pages.js';
import { serve } from './server/serve.js';
import { Standstill } from './server/standstill.js';
import { readBearer } from './server/token.js';
import { GraphQLWebSocketServer } from './server/websocket.js';
import { InboxService } from './signaling/inbox.service.js';
import { SignalRepository } from './signaling/signal.repository.js';
import { SignalService } from './signaling/signal.service.js';
import { FaultSimulation } from './simulation/fault-simulation.js';
import { PlannedFaults } from './simulation/planned-faults.js';
import { RingRepository } from './simulation/ring.repository.js';
import { openStorage } from './storage.js';
import { UserRepository } from './users/user.repository.js';
import { UserService } from './users/user.service.js';
import { startWebhooks } from './webhooks/start-webhooks.js';

/** A server that serves. */
export interface App {
  readonly port: number;
  readonly metricsPort: number | null;
  /** Stops what `startApp` started, in reverse; sockets get `drainSeconds` to leave. Idempotent. */
  stop(): Promise<void>;
}

/**
 * The map of the system: builds everything by hand, in the order in which it depends on each other. `pages` are served in
 * development, where they are given.
 */
export async function startApp(config: Config, logger: Logger, pages: Pages | null = null): Promise<App> {
  await using started = new AsyncDisposableStack();
  const own = <Part extends { stop(): unknown }>(part: Part): Part => started.adopt(part, async (it) => void (await it.stop()));
  const state = { draining: false };
  const isDraining = (): boolean => state.draining;
  const metrics = new Metrics();
  const observer = observeNode(metrics);

  const database = await openStorage(config, logger, started);
  const clock = own(await DatabaseClock.start({ database, logger }));
  const { nowMs } = clock;
  const { redisUrl } = config;
  const bus = own(await createBus({ redisUrl, database, logger, observer }));
  await bus.start();
  const rates = own(await Rates.create({ limits: config.limits, redisUrl, logger }));
  rates.start();

  const slotUs = slotLengthUs(config.retentionMs);
  const inbox = own(new PostgresInbox({ repository: new InboxRepository(database), bus, logger, observer, nowMs }));
  inbox.start();
  const janitor = own(new Janitor({ database, retentionMs: config.retentionMs, logger, observer }));
  janitor.start();

  const order = new CallOrder();
  const live = new LiveCalls();
  const webhooks = startWebhooks(config.webhook, { database, metrics, logger }, started);
  const callRepository = new CallRepository({ database, slotUs });
  const calls = new CallService({
    calls: callRepository,
    rate: new CallRate({ rates, calls: callRepository }),
    inbox,
    order,
    live,
    webhooks,
    limits: config.limits,
    logger,
    observer,
  });
  const nodeId = randomUUID();
  const { presence, watch } = await startPresence({ nodeId, database, bus, logger, observer }, started);
  const sweep = own(createCallSweep({ calls, nodeId, signalingLostSeconds: config.signalingLostSeconds, logger }));
  sweep.start();

  const userRepository = new UserRepository(database);
  const deviceRepository = new DeviceRepository(database);
  const devices = new DeviceService({
    devices: deviceRepository,
    calls,
    logger,
    seenToSeconds: Math.min(60, config.signalingLostSeconds / 4),
  });
  const tokens = new AccessTokens({
    keys: config.signingKeys ?? (await loadOrCreateDevelopmentKeys(config.dataDir)),
    lifetimeSeconds: config.accessTokenSeconds,
    nowMs,
  });
  const users = new UserService({ users: userRepository, rates });
  const signals = new SignalService({
    signals: new SignalRepository({ database, slotUs }),
    calls,
    inbox,
    elsewhere: presence,
    order,
    live,
    limits: config.limits,
    observer,
  });
  const planned = config.production ? null : own(new PlannedFaults());
  const services: Services = {
    auth: new AuthService({
      accounts: new AccountRepository({ database, slotUs }),
      sessions: new SessionRepository(database),
      users: userRepository,
      devices,
      hasher: own(new PasswordHasher({ cost: config.bcryptCost, isDraining })),
      tokens,
      rates,
      refreshTokenDays: config.refreshTokenDays,
    }),
    devices,
    users,
    calls,
    history: new CallHistoryService({ history: new CallHistoryRepository(database), missed: new MissedRepository(database), calls }),
    signals: planned?.around(signals) ?? signals,
    inbox: new InboxService({ inbox, calls, logger, nowMs }),
    blocks: new BlockService({ blocks: new BlockRepository(database), users }),
    presence,
    watching: new WatchingService({ watch, users, limits: config.limits }),
    ice: new IceService({ ice: config.ice, rates, nowMs }),
  };

  const authenticate = async (token: string): Promise<Viewer | null> =>
    planned?.refuses(token) === true ? null : services.auth.authenticate(token);
  const createContext = (viewer: Viewer | null, address: string): RequestContext => ({ ...services, viewer, address });

  const schema = createSchema();
  const shared = {
    schema,
    operations: new Operations({ schema, limits: config.limits, production: config.production }),
    corsOrigins: config.corsOrigins,
    trustedProxyHops: config.trustedProxyHops,
    observer,
    formatError: errorFormatter({ logger, production: config.production }),
  };
  const sockets = new OpenSockets<Viewer>(
    {
      onConnected: (viewer) => presence.connected(viewer),
      onDisconnected: (viewer, atOnce) => presence.disconnected(viewer, atOnce),
      onClosed: (code) => observer.socketClosed(code),
      onExpiring: ({ deviceId }, expiresAt) => services.inbox.sessionExpiring(deviceId, expiresAt),
    },
    nowMs,
  );
  const standstill = new Standstill();
  const webSockets = new GraphQLWebSocketServer<Viewer, RequestContext>({
    ...shared,
    sockets,
    limits: config.limits,
    logger,
    authenticate,
    createContext,
    isStale: () => standstill.isStale(),
    isDraining,
  });
  devices.onRevoked((deviceIds) => {
    sockets.closeDevices(deviceIds);
    presence.signedOut(deviceIds);
  });
  devices.onRenewed((deviceId, expiresAt) => sockets.extendDevice(deviceId, expiresAt));
  const sessionWatch = own(
    new SessionWatch({
      repository: deviceRepository,
      devices,
      isHere: (deviceId) => presence.isHere(deviceId),
      endingSoon: () => sockets.endingSoon(),
      accessTokenSeconds: config.accessTokenSeconds,
      nowMs,
      logger,
    }),
  );
  sessionWatch.start();

  const simulation = planned === null ? null : new FaultSimulation({ authenticate, planned, rings: new RingRepository(database), sockets });
  const notReadyBecause = async () => (state.draining ? 'draining' : (await database.isReachable()) ? null : 'no database');
  watchNode(metrics, { sockets, presence, inbox, clock, bus, signals, database, notReadyBecause });
  const http = own(
    await createHttpApp({
      ...shared,
      production: config.production,
      maxBodyBytes: config.limits.LIMIT_MESSAGE_BYTES,
      pages: config.production ? null : pages,
      simulation,
      metrics,
      serveMetrics: config.metricsPort === null,
      admit: (address) => rates.take('LIMIT_REQUESTS_PER_MINUTE', address),
      createContext: async (request, address) => {
        const token = readBearer(request.headers.authorization);
        return createContext(token === null ? null : await authenticate(token), address);
      },
      isDraining,
      notReadyBecause,
    }),
  );

  const knows = (token: string): boolean => tokens.verify(token) !== null;
  const { port, metricsPort } = await serve({ http, webSockets, sockets, standstill, metrics, config, logger, knows }, started);

  const running = started.move();
  const stop = async (): Promise<void> => {
    state.draining = true;
    const drainMs = config.drainSeconds * 1_000;
    const plan = planDrain(sockets.size, drainMs);
    await services.inbox.draining(plan.reconnectAfterMs);
    await sockets.drain(plan, drainMs);
    await running.disposeAsync();
  };
  let stopped: Promise<void> | null = null;
  return { port, metricsPort, stop: () => (stopped ??= stop()) };
}
