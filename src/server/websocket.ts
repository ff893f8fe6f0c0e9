import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { getOperationAST, GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, handleProtocols, type SubscribePayload } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Operations } from '../graphql/operation.js';
import type { AppError } from '../errors.js';
import { limitExceeded, type Limits } from '../limits.js';
import type { Logger } from '../logger.js';
import { addressOf } from './address.js';
import { closeCodes, Connection } from './connection.js';
import { outcomeOf, type OperationObserver } from './operation-observer.js';
import type { OpenSocket, OpenSockets, SocketOwner } from './open-sockets.js';
import { isAllowedOrigin } from './origin.js';
import { ProtocolSession, type PreparedOperation } from './protocol-session.js';
import { readBearer } from './token.js';
import { Turns } from './turns.js';

export interface WebSocketOptions<Owner extends SocketOwner, Context extends object> {
  readonly schema: GraphQLSchema;
  readonly operations: Operations;
  readonly limits: Limits;
  readonly corsOrigins: readonly string[];
  readonly logger: Logger;
  /** Null where the token is not good. */
  readonly authenticate: (token: string) => Promise<Owner | null>;
  readonly trustedProxyHops: number;
  readonly createContext: (owner: Owner | null, address: string) => Context;
  readonly formatError: (error: GraphQLError) => GraphQLFormattedError;
  readonly sockets: OpenSockets<Owner>;
  readonly observer: OperationObserver;
  /** Whether what comes in now may be older than its sender's patience. */
  readonly isStale: () => boolean;
  readonly isDraining: () => boolean;
}

const authenticationTimeoutMs = 5_000;

/**
 * Fragments of a message, and pieces in which one frame may arrive. Each costs a few hundred bytes until the message is
 * whole, whatever is in it; browsers send a message in one frame, or in some of 64 KiB.
 */
const mostPieces = 1_024;

/** A peer that does not answer a close frame is cut off then: who is asked to leave holds no memory. */
const closeTimeoutMs = 5_000;

/** GraphQL over graphql-transport-ws: from the upgrade to the operation. The protocol itself is protocol-session.ts's, the life of a socket open-sockets.ts's. */
export class GraphQLWebSocketServer<Owner extends SocketOwner, Context extends object> {
  readonly #options: WebSocketOptions<Owner, Context>;
  readonly #server: WebSocketServer;
  /** Whoever has not said who they are may sign in, and the signals of others are not to wait for that. */
  readonly #guests = new Turns(1);

  constructor(options: WebSocketOptions<Owner, Context>) {
    this.#options = options;
    const frames = {
      noServer: true,
      maxPayload: options.limits.LIMIT_MESSAGE_BYTES,
      maxFragments: mostPieces,
      maxBufferedChunks: mostPieces,
      // The types of ws do not have it yet.
      closeTimeout: closeTimeoutMs,
      perMessageDeflate: false,
      clientTracking: false,
      handleProtocols,
    };
    this.#server = new WebSocketServer(frames);
  }

  attach(http: Server, path: string): void {
    http.on('upgrade', (request, wire, head) => this.#upgrade(request, wire, head, path));
  }

  #upgrade(request: IncomingMessage, wire: Duplex, head: Buffer, path: string): void {
    const refuse = (status: string): void => {
      // The HTTP server has let go of it: nobody else would close it where the peer does not.
      wire.once('finish', () => wire.destroy());
      wire.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    wire.on('error', () => wire.destroy());
    if (this.#options.isStale()) return void wire.destroy();
    // A proxy asks the next node.
    if (this.#options.isDraining()) return refuse('503 Service Unavailable');
    if (request.url?.split('?')[0] !== path) return refuse('404 Not Found');
    if (!isAllowedOrigin(request.headers.origin, request.headers.host, this.#options.corsOrigins)) return refuse('403 Forbidden');
    const address = addressOf(request, this.#options.trustedProxyHops);
    const most = this.#options.limits.LIMIT_UNAUTHENTICATED_SOCKETS_PER_IP;
    if (most > 0 && this.#options.sockets.strangersAt(address) >= most) return refuse('429 Too Many Requests');
    this.#server.handleUpgrade(request, wire, head, (socket) => this.#opened(socket, wire as Socket, address));
  }

  #opened(socket: WebSocket, wire: Socket, address: string): void {
    const connection = new Connection({ socket, wire, address, limits: this.#options.limits });
    const extra = this.#options.sockets.add(connection);
    // ws reports a message over the limit, or a malformed frame, and closes by itself with the right code.
    socket.on('error', () => undefined);
    socket.once('close', (code) => this.#options.sockets.remove(extra, code));
    if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL)
      return connection.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable');
    const session = new ProtocolSession(connection, {
      connect: (parameters) => this.#connect(parameters, extra),
      prepare: (payload) =>
        extra.owner === null ? this.#guests.next().then(() => this.#prepare(extra, payload)) : this.#prepare(extra, payload),
      // What has errors is counted where they get their codes.
      succeeded: () => this.#options.observer.operation('websocket', 'OK'),
      refused: (errors) => this.#refused(errors),
      answered: () => connection.operationEnds(),
      unsubscribed: () => (connection.subscriptions -= 1),
      failed: (error) => this.#failed(connection, error),
    });
    connection.onMessage((message) => {
      if (this.#options.isStale()) return;
      try {
        session.handle(message);
      } catch (error) {
        this.#failed(connection, error);
      }
    });
    socket.once('close', () => {
      session.close().catch((error: unknown) => this.#failed(connection, error));
    });
  }

  /** No token: an anonymous socket, for register and login. A token that is not good: 4403, which tells the client to refresh. */
  async #connect(parameters: Record<string, unknown>, extra: OpenSocket<Owner>): Promise<boolean> {
    const token = readBearer(parameters['Authorization'] ?? parameters['authorization'] ?? parameters['accessToken']);
    if (token === null) return true;
    try {
      const owner = await within(authenticationTimeoutMs, this.#options.authenticate(token));
      if (owner === null) return false;
      const { sockets, limits } = this.#options;
      const most = limits.LIMIT_SOCKETS_PER_USER;
      if (most > 0 && sockets.countOf(owner.userId) >= most) {
        extra.connection.close(closeCodes.overload, 'Too many sockets');
        return true;
      }
      sockets.bind(extra, owner);
      return true;
    } catch (error) {
      // Not the client's fault: it may come back.
      this.#options.logger.warn({ err: error }, 'a socket could not be authenticated');
      extra.connection.close(closeCodes.overload, 'Try again later');
      return true;
    }
  }

  #prepare(extra: OpenSocket<Owner>, payload: SubscribePayload): PreparedOperation {
    const { schema, operations, limits, sockets, createContext } = this.#options;
    const { document, errors } = operations.prepare(payload.query);
    if (errors !== undefined) return { errors };
    const operation = getOperationAST(document, payload.operationName);
    if (!operation) return { errors: [new GraphQLError('The document has no operation of that name, or several and no name was given.')] };
    const isSubscription = operation.operation === 'subscription';
    if (isSubscription) {
      const most = limits.LIMIT_SUBSCRIPTIONS_PER_SOCKET;
      if (most > 0 && extra.connection.subscriptions >= most)
        return { errors: [asGraphQL(limitExceeded('LIMIT_SUBSCRIPTIONS_PER_SOCKET', `A socket may have ${most} subscriptions.`))] };
      extra.connection.subscriptions += 1;
      sockets.warnAgain(extra);
    }
    extra.connection.operationBegins();
    return {
      isSubscription,
      args: {
        schema,
        document,
        operationName: payload.operationName,
        variableValues: payload.variables,
        contextValue: createContext(extra.owner, extra.connection.address),
      },
    };
  }

  #refused(errors: readonly GraphQLError[]): readonly GraphQLFormattedError[] {
    const formatted = errors.map(this.#options.formatError);
    this.#options.observer.operation('websocket', outcomeOf(formatted));
    return formatted;
  }

  #failed(connection: Connection, error: unknown): void {
    if (isOfTheMessage(error)) return connection.close(closeCodes.badMessage, 'Invalid message');
    this.#options.logger.error({ err: error }, 'a message could not be handled');
    connection.close(closeCodes.internal, 'Internal error');
  }
}

/** One of thousands of levels. */
function isOfTheMessage(error: unknown): boolean {
  return error instanceof RangeError && error.message.startsWith('Maximum call stack size exceeded');
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
