import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { getOperationAST, GraphQLError, type ExecutionArgs, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import { handleProtocols, makeServer, type Server as ProtocolServer, type SubscribePayload } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { runOperation, runSubscription } from '../graphql/execution-plan.js';
import type { Operations } from '../graphql/operation.js';
import type { AppError } from '../errors.js';
import { limitExceeded, type Limits } from '../limits.js';
import type { Logger } from '../logger.js';
import { closeCodes, Connection } from './connection.js';
import { isAllowedOrigin } from './origin.js';
import { readBearer } from './token.js';

/** Who a socket belongs to, as far as this server needs to know. */
export interface SocketOwner {
  readonly userId: string;
  readonly deviceId: string;
  readonly tokenExpiresAt: Date;
}

export interface WebSocketOptions<Owner extends SocketOwner, Context extends object> {
  readonly schema: GraphQLSchema;
  readonly operations: Operations;
  readonly limits: Limits;
  readonly corsOrigins: readonly string[];
  readonly logger: Logger;
  /** Null where the token is not good. */
  readonly authenticate: (token: string) => Promise<Owner | null>;
  readonly createContext: (owner: Owner | null) => Context;
  readonly formatError: (error: GraphQLError) => GraphQLFormattedError;
}

interface Extra<Owner> {
  readonly connection: Connection;
  owner: Owner | null;
  expiresAt: number;
}

const pingEverySeconds = 12;
const authenticationTimeoutMs = 5_000;
const drainPollMs = 50;

/** GraphQL over graphql-transport-ws: sockets, who they belong to, and their end. The protocol itself is graphql-ws's. */
export class GraphQLWebSocketServer<Owner extends SocketOwner, Context extends object> {
  readonly #options: WebSocketOptions<Owner, Context>;
  readonly #server: WebSocketServer;
  readonly #protocol: ProtocolServer<Extra<Owner>>;
  readonly #open = new Set<Extra<Owner>>();
  #tick: NodeJS.Timeout | null = null;
  #seconds = 0;

  constructor(options: WebSocketOptions<Owner, Context>) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: options.limits.LIMIT_MESSAGE_BYTES,
      perMessageDeflate: false,
      clientTracking: false,
      handleProtocols,
    });
    this.#protocol = makeServer<Record<string, unknown>, Extra<Owner>>({
      connectionInitWaitTimeout: 3_000,
      execute: runOperation,
      subscribe: runSubscription,
      onConnect: ({ connectionParams, extra }) => this.#connect(connectionParams ?? {}, extra),
      onSubscribe: ({ extra }, _id, payload) => this.#prepare(extra, payload),
      onComplete: (_context, _id, payload) => this.#completed(payload, _context.extra),
      onNext: (_context, _id, _payload, _args, { data, errors }) =>
        errors === undefined ? undefined : { ...(data === undefined ? {} : { data }), errors: errors.map(options.formatError) },
      onError: (_context, _id, _payload, errors) => errors.map((error) => options.formatError(error as GraphQLError)),
    });
  }

  get size(): number {
    return this.#open.size;
  }

  get subscriptions(): number {
    return [...this.#open].reduce((sum, { connection }) => sum + connection.subscriptions, 0);
  }

  attach(http: Server, path: string): void {
    http.on('upgrade', (request, wire, head) => this.#upgrade(request, wire, head, path));
    this.#tick = setInterval(() => this.#everySecond(), 1_000);
  }

  /**
   * Ends the sockets of those devices: signed out, revoked, password changed. At the end of this turn of the event loop,
   * so that a device that signs out on its socket has its answer before the close.
   */
  closeDevices(deviceIds: readonly string[]): void {
    const gone = new Set(deviceIds);
    setImmediate(() => {
      for (const { owner, connection } of this.#open)
        if (owner !== null && gone.has(owner.deviceId)) connection.close(closeCodes.forbidden, 'Signed out');
    });
  }

  /** The device has a new token: its sockets live as long as that. */
  extendDevice(deviceId: string, expiresAt: Date): void {
    for (const extra of this.#open)
      if (extra.owner?.deviceId === deviceId) extra.expiresAt = Math.max(extra.expiresAt, expiresAt.getTime());
  }

  /** Sends every client away with 1012, which it comes back from, and waits until they are gone or the time is up. */
  async stop(withinMs: number): Promise<void> {
    if (this.#tick !== null) clearInterval(this.#tick);
    for (const { connection } of this.#open) connection.close(closeCodes.restart, 'Service restart');
    const until = performance.now() + withinMs;
    while (this.#open.size > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, drainPollMs));
    for (const { connection } of this.#open) connection.terminate();
    this.#server.close();
  }

  #upgrade(request: IncomingMessage, wire: Duplex, head: Buffer, path: string): void {
    const refuse = (status: string): void => void wire.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    wire.on('error', () => wire.destroy());
    if (request.url?.split('?')[0] !== path) return refuse('404 Not Found');
    if (!isAllowedOrigin(request.headers.origin, request.headers.host, this.#options.corsOrigins)) return refuse('403 Forbidden');
    this.#server.handleUpgrade(request, wire, head, (socket) => this.#opened(socket, wire as Socket));
  }

  #opened(socket: WebSocket, wire: Socket): void {
    const connection = new Connection(socket, wire, this.#options.limits.LIMIT_UNSENT_BYTES);
    const extra: Extra<Owner> = { connection, owner: null, expiresAt: Infinity };
    this.#open.add(extra);
    // ws reports a message over the limit, or a malformed frame, and closes by itself with the right code.
    socket.on('error', () => undefined);
    const closed = this.#protocol.opened(
      {
        protocol: socket.protocol,
        send: (frame) => connection.send(frame),
        close: (code, reason) => connection.close(code ?? closeCodes.internal, reason ?? ''),
        onMessage: (handle) => {
          socket.on('message', (data: Buffer) => {
            handle(data.toString()).catch((error: unknown) => this.#failed(connection, error));
          });
        },
      },
      extra,
    );
    socket.once('close', (code, reason) => {
      this.#open.delete(extra);
      Promise.resolve(closed(code, reason.toString())).catch((error: unknown) => this.#failed(connection, error));
    });
  }

  /** No token: an anonymous socket, for register and login. A token that is not good: 4403, which tells the client to refresh. */
  async #connect(parameters: Record<string, unknown>, extra: Extra<Owner>): Promise<boolean> {
    const token = readBearer(parameters['Authorization'] ?? parameters['authorization'] ?? parameters['accessToken']);
    if (token === null) return true;
    try {
      const owner = await within(authenticationTimeoutMs, this.#options.authenticate(token));
      if (owner === null) return false;
      const most = this.#options.limits.LIMIT_SOCKETS_PER_USER;
      if (most > 0 && [...this.#open].filter((other) => other.owner?.userId === owner.userId).length >= most) {
        extra.connection.close(closeCodes.overload, 'Too many sockets');
        return true;
      }
      extra.owner = owner;
      extra.expiresAt = owner.tokenExpiresAt.getTime();
      return true;
    } catch (error) {
      // Not the client's fault: it may come back.
      this.#options.logger.warn({ err: error }, 'a socket could not be authenticated');
      extra.connection.close(closeCodes.overload, 'Try again later');
      return true;
    }
  }

  #prepare(extra: Extra<Owner>, payload: SubscribePayload): ExecutionArgs | readonly GraphQLError[] {
    const { schema, operations, limits, createContext } = this.#options;
    const { document, errors } = operations.prepare(payload.query);
    if (errors !== undefined) return errors;
    const operation = getOperationAST(document, payload.operationName);
    if (!operation) return [new GraphQLError('The document has no operation of that name, or several and no name was given.')];
    if (operation.operation === 'subscription') {
      const most = limits.LIMIT_SUBSCRIPTIONS_PER_SOCKET;
      if (most > 0 && extra.connection.subscriptions >= most)
        return [asGraphQL(limitExceeded('LIMIT_SUBSCRIPTIONS_PER_SOCKET', `A socket may have ${most} subscriptions.`))];
      extra.connection.subscriptions += 1;
    }
    return {
      schema,
      document,
      operationName: payload.operationName,
      variableValues: payload.variables,
      contextValue: createContext(extra.owner),
    };
  }

  #completed(payload: SubscribePayload, { connection }: Extra<Owner>): void {
    const { document } = this.#options.operations.prepare(payload.query);
    if (document !== undefined && getOperationAST(document, payload.operationName)?.operation === 'subscription')
      connection.subscriptions -= 1;
  }

  #everySecond(): void {
    this.#seconds += 1;
    const now = Date.now();
    let position = 0;
    for (const { connection, expiresAt } of this.#open) {
      // A twelfth of the sockets each second, so that many sockets are not pinged in one burst.
      if (position++ % pingEverySeconds === this.#seconds % pingEverySeconds) connection.checkAlive();
      if (expiresAt <= now) connection.close(closeCodes.forbidden, 'Session expired');
    }
  }

  #failed(connection: Connection, error: unknown): void {
    this.#options.logger.error({ err: error }, 'a message could not be handled');
    connection.close(closeCodes.internal, 'Internal error');
  }
}

function asGraphQL(error: AppError): GraphQLError {
  return new GraphQLError(error.message, { originalError: error });
}

async function within<Result>(ms: number, promise: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
