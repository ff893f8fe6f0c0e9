import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { closeServer } from './close-server.js';
import type { HttpApp } from './http.js';
import { listen } from './listen.js';
import { serveMetrics } from './metrics-server.js';
import type { Standstill } from './standstill.js';
import { readBearer } from './token.js';
import { Turns } from './turns.js';

export interface ServeOptions {
  readonly http: HttpApp;
  readonly webSockets: { attach(server: Server, path: string): void };
  readonly sockets: { start(): void; stop(): void; cutAll(): void };
  readonly standstill: Standstill;
  readonly metrics: Metrics;
  readonly config: { readonly host: string; readonly port: number; readonly portIsFixed: boolean; readonly metricsPort: number | null };
  readonly logger: Logger;
  /** Whether that is an access token of ours. */
  readonly knows: (token: string) => boolean;
}

/** A connection that is only held open costs its holder nothing: each has so long, looked at every two seconds. */
const patience = {
  /** From the connection, or the first byte of a later request, to the end of the headers: 16 KiB at most. */
  headersTimeout: 10_000,
  /** To the end of the body: 256 KiB in it are what the slowest phone sends. */
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  /** Between two requests. Short, for what asks often has a WebSocket. */
  keepAliveTimeout: 5_000,
} as const;

/** An answer of which nothing was read for so long is read by nobody. A WebSocket has its pings instead. */
const silenceMs = 60_000;

/**
 * Requests that are let in a turn of the event loop. Of those that prove who they are, enough that their signals share
 * commits; of the others, which may be a flood of logins, one: nobody who talks is to wait for more.
 */
const requestsPerTurn = { named: 8, unnamed: 1 } as const;

/** Lets the world in: HTTP and WebSockets at one port, the metrics at another where they have one. Stopped with `started`. */
export async function serve(
  { http, webSockets, sockets, standstill, metrics, config, logger, knows }: ServeOptions,
  started: AsyncDisposableStack,
): Promise<{ port: number; metricsPort: number | null }> {
  const named = new Turns(requestsPerTurn.named);
  const unnamed = new Turns(requestsPerTurn.unnamed);
  const turnsFor = ({ headers }: IncomingMessage): Turns => {
    const token = readBearer(headers.authorization);
    return token !== null && knows(token) ? named : unnamed;
  };
  const handle: RequestListener = (request, response) => {
    if (standstill.isStale()) request.destroy();
    // Whether this node is alive is asked by those who would end it.
    else if (request.url?.toLowerCase().startsWith('/graphql') !== true) http.handle(request, response);
    else
      void turnsFor(request)
        .next()
        .then(() => http.handle(request, response));
  };
  const server = started.adopt(createServer(patience, handle), closeServer);
  server.setTimeout(silenceMs);
  standstill.start((ms) => {
    logger.warn({ ms }, 'this process stood still: its connections are cut, for what they hold is of another time');
    sockets.cutAll();
    server.closeAllConnections();
  });
  started.defer(() => standstill.stop());
  webSockets.attach(server, '/graphql');
  sockets.start();
  started.defer(() => sockets.stop());
  const port = await listen(server, config);
  const metricsPort = config.metricsPort === null ? null : await serveMetrics(metrics, config.host, config.metricsPort, started);
  return { port, metricsPort };
}
