import { createServer } from 'node:http';
import type { Metrics } from '../metrics.js';
import { closeServer } from './close-server.js';
import { listen } from './listen.js';

/** /metrics on a port of its own, and nothing else there; stopped with `started`. Resolves with the port. */
export async function serveMetrics(metrics: Metrics, host: string, port: number, started: AsyncDisposableStack): Promise<number> {
  const server = started.adopt(
    createServer((_request, response) => {
      void metrics.text().then((text) => response.setHeader('content-type', metrics.contentType).end(text));
    }),
    closeServer,
  );
  return listen(server, { host, port, portIsFixed: true });
}
