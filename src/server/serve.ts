import { createServer, type Server } from 'node:http';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { closeServer } from './close-server.js';
import type { HttpApp } from './http.js';
import { listen } from './listen.js';
import { serveMetrics } from './metrics-server.js';
import type { Standstill } from './standstill.js';

export interface ServeOptions {
  readonly http: HttpApp;
  readonly webSockets: { attach(server: Server, path: string): void };
  readonly sockets: { start(): void; stop(): void; cutAll(): void };
  readonly standstill: Standstill;
  readonly metrics: Metrics;
  readonly config: { readonly host: string; readonly port: number; readonly portIsFixed: boolean; readonly metricsPort: number | null };
  readonly logger: Logger;
}

/** Lets the world in: HTTP and WebSockets at one port, the metrics at another where they have one. Stopped with `started`. */
export async function serve(
  { http, webSockets, sockets, standstill, metrics, config, logger }: ServeOptions,
  started: AsyncDisposableStack,
): Promise<{ port: number; metricsPort: number | null }> {
  const server = started.adopt(
    createServer((request, response) => (standstill.isStale() ? request.destroy() : http.handle(request, response))),
    closeServer,
  );
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
