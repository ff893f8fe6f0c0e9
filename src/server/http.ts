import type { IncomingMessage } from 'node:http';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import cors from 'cors';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import helmet from 'helmet';
import type { Operations } from '../graphql/operation.js';
import type { Metrics } from '../metrics.js';
import { AppError, type ErrorCode } from '../errors.js';
import { addressOf } from './address.js';
import { answerOperations } from './http-operations.js';
import { outcomeOf, type OperationObserver } from './operation-observer.js';
import { isAllowedOrigin } from './origin.js';
import { servePages, type Pages } from './pages.js';
import { sandboxPage } from './sandbox-page.js';
import { serveSimulation, type Simulation } from './simulation-endpoint.js';

export interface HttpOptions<Context extends object> {
  readonly schema: GraphQLSchema;
  readonly operations: Operations;
  readonly production: boolean;
  readonly corsOrigins: readonly string[];
  readonly trustedProxyHops: number;
  readonly maxBodyBytes: number;
  readonly metrics: Metrics;
  readonly observer: OperationObserver;
  /** Whether /metrics answers here; it may have a port of its own. */
  readonly serveMetrics: boolean;
  readonly createContext: (request: IncomingMessage, address: string) => Promise<Context>;
  /** Throws RATE_LIMITED where there were too many requests of that address. */
  readonly admit: (address: string) => Promise<void>;
  readonly formatError: (error: GraphQLError) => GraphQLFormattedError;
  /** The console and the examples; null where there is only the short page that says what this is. */
  readonly pages: Pages | null;
  /** Of faults, for authors of clients; null in production. */
  readonly simulation: Simulation | null;
  /** Its connections are not to be kept: the next request goes to another node. */
  readonly isDraining: () => boolean;
  /** Null where it can serve, else why not. */
  readonly notReadyBecause: () => Promise<string | null>;
}

export interface HttpApp {
  readonly handle: Express;
  stop(): Promise<void>;
}

/** Everything that is answered over HTTP: GraphQL, health, metrics, and a page for people. */
export async function createHttpApp<Context extends object>(options: HttpOptions<Context>): Promise<HttpApp> {
  const apollo = new ApolloServer<Context>({
    schema: options.schema,
    introspection: !options.production,
    parseOptions: { maxTokens: 1_000_000 },
    formatError: (_formatted, error) =>
      options.formatError(error instanceof GraphQLError ? error : new GraphQLError('', { originalError: error as Error })),
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    // A request is known by its Authorization header, which no page can make another's browser send: there is nothing to forge.
    csrfPrevention: false,
    plugins: [
      // It would wrap every resolver of the schema, which the WebSocket uses too.
      ApolloServerPluginCacheControlDisabled(),
      options.production ? ApolloServerPluginLandingPageDisabled() : sandboxPage(),
      countOperations(options.observer),
    ],
  });
  await apollo.start();

  const createContext = (request: IncomingMessage): Promise<Context> =>
    options.createContext(request, addressOf(request, options.trustedProxyHops));

  const app = express();
  // Nothing that is answered here is kept by anybody; files have tags of their own.
  app.disable('etag');
  app.disable('x-powered-by');
  // As Apollo reads it: Express's own stops at 1,000 parameters, and Apollo would find a document behind them that nobody has limited.
  app.set('query parser', (text: string | null) => Object.fromEntries(new URLSearchParams(text ?? '')));
  // In development Sandbox loads its own scripts, and the pages have a policy of their own.
  app.use(helmet({ contentSecurityPolicy: options.production, crossOriginEmbedderPolicy: false }));
  app.use((_request, response, next) => {
    if (options.isDraining()) response.set('connection', 'close');
    next();
  });
  serveHealth(app, options);
  if (options.simulation !== null) serveSimulation(app, options.simulation, options.maxBodyBytes);
  if (options.pages === null) app.get('/', (_request, response) => void response.type('html').send(frontPage(options.production)));
  else servePages(app, options.pages);
  app.use(
    '/graphql',
    keepNowhere,
    corsFor(options.corsOrigins),
    async (request, _response, next) => {
      await options.admit(addressOf(request, options.trustedProxyHops));
      next();
    },
    express.json({ limit: options.maxBodyBytes }),
    answerOperations({ ...options, createContext }),
    expressMiddleware(apollo, { context: ({ req }) => createContext(req) }),
  );
  app.use((_request, response) => void response.status(404).type('text').send('Not found. The API is at /graphql.\n'));
  app.use(answerBrokenBodies(options.observer));
  return { handle: app, stop: () => apollo.stop() };
}

function serveHealth<Context extends object>(app: Express, { metrics, serveMetrics, notReadyBecause }: HttpOptions<Context>): void {
  app.get('/healthz', (_request, response) => void response.type('text').send('alive\n'));
  app.get('/readyz', async (_request, response) => {
    const reason = await notReadyBecause();
    response
      .status(reason === null ? 200 : 503)
      .type('text')
      .send(`${reason ?? 'ready'}\n`);
  });
  if (serveMetrics) {
    app.get('/metrics', async (_request, response) => {
      response.type(metrics.contentType).send(await metrics.text());
    });
  }
}

/** What Apollo answers; what is refused before it is counted there. */
function countOperations<Context extends object>(observer: OperationObserver): ApolloServerPlugin<Context> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        willSendResponse: ({ response: { body } }) => {
          if (body.kind === 'single') observer.operation('http', outcomeOf(body.singleResult.errors));
          return Promise.resolve();
        },
      }),
    invalidRequestWasReceived: () => Promise.resolve(observer.operation('http', 'BAD_QUERY')),
  };
}

/** An answer is its viewer's own, and may hold a credential: no cache on the way is to keep what a GET has asked for. */
const keepNowhere: RequestHandler = (_request, response, next) => {
  response.set('cache-control', 'no-store');
  next();
};

function corsFor(allowed: readonly string[]): RequestHandler {
  return (request, response, next) =>
    cors({ origin: isAllowedOrigin(request.headers.origin, request.headers.host, allowed), maxAge: 86_400 })(request, response, next);
}

/** In place of Express's own, which would print a malformed body, password and all, to stderr. */
const answerBrokenBodies =
  (observer: OperationObserver): ErrorRequestHandler =>
  (error: { type?: string; status?: number }, _request, response, _next) => {
    const failed = error instanceof AppError ? error : ofBody(error);
    observer.operation('http', failed.code);
    const status: Partial<Record<ErrorCode, number>> = { LIMIT_EXCEEDED: 413, BAD_QUERY: 400, RATE_LIMITED: 429 };
    const { retryAfterMs } = failed.details;
    if (retryAfterMs !== undefined) response.set('retry-after', String(Math.ceil(retryAfterMs / 1_000)));
    response
      .status(status[failed.code] ?? 500)
      .json({ errors: [{ message: failed.message, extensions: { code: failed.code, ...failed.details } }] });
  };

function ofBody({ type, status }: { type?: string; status?: number }): AppError {
  if (type === 'entity.too.large') return new AppError('LIMIT_EXCEEDED', 'The body is too large.', { limit: 'LIMIT_MESSAGE_BYTES' });
  if (status !== undefined && status < 500) return new AppError('BAD_QUERY', 'The body cannot be read as JSON.');
  return new AppError('INTERNAL', 'Something went wrong on the server.');
}

function frontPage(production: boolean): string {
  const sandbox = production ? '' : '<p><a href="/graphql">Explore the API in Apollo Sandbox</a></p>';
  return `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Switchboard</title>
<style>body{font:16px/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem;color-scheme:light dark}</style>
<h1>Switchboard</h1><p>A GraphQL API for WebRTC calls. It answers at <code>/graphql</code>, over HTTP and as a WebSocket with <code>graphql-transport-ws</code>.</p>${sandbox}</html>`;
}
