import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { getOperationAST, GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import { runOperation } from '../graphql/execution-plan.js';
import type { Operations } from '../graphql/operation.js';
import { outcomeOf, type OperationObserver } from './operation-observer.js';

export interface HttpOperationsOptions<Context extends object> {
  readonly schema: GraphQLSchema;
  readonly operations: Operations;
  readonly observer: OperationObserver;
  readonly createContext: (request: IncomingMessage) => Promise<Context>;
  readonly formatError: (error: GraphQLError) => GraphQLFormattedError;
}

/** An operation in the body of a POST, as all clients send it. */
interface Body {
  readonly query?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
  readonly extensions?: unknown;
}

interface UsualBody extends Body {
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFormattedError[];
}

const json = 'application/json; charset=utf-8';
const graphqlJson = 'application/graphql-response+json; charset=utf-8';

/**
 * What is asked by request. A document is parsed, limited and validated by the module that the WebSocket uses too, and what
 * it refuses goes no further. An operation that is posted as JSON runs as it does there, by its compiled plan; whatever
 * else may be asked is Apollo's, which knows every corner of GraphQL over HTTP.
 */
export function answerOperations<Context extends object>(options: HttpOperationsOptions<Context>): RequestHandler {
  const { schema, operations, createContext, formatError } = options;
  return async (request, response, next) => {
    const body = (request.body ?? {}) as Body;
    const text: unknown = request.method === 'POST' ? body.query : request.query['query'];
    if (typeof text !== 'string' || text === '') return next();
    const refuse = (errors: readonly GraphQLError[], status?: number): void =>
      answer(options, request, response, { errors: errors.map(formatError) }, status);
    const { document, errors } = operations.prepare(text);
    if (errors !== undefined) return refuse(errors);
    const operation = getOperationAST(document, typeof body.operationName === 'string' ? body.operationName : null);
    if (operation?.operation === 'subscription') return refuse([new GraphQLError('Subscriptions go over the WebSocket.')]);
    if (!operation || !isUsual(request, body)) return next();
    let contextValue: Context;
    try {
      contextValue = await createContext(request);
    } catch (error) {
      return refuse([new GraphQLError('', { originalError: error as Error })], 500);
    }
    const { operationName = null, variables = null } = body;
    const result = await runOperation({ schema, document, operationName, variableValues: variables, contextValue });
    // Where there is no data nothing was run: the variables do not fit, and Apollo says what is the matter with them.
    if (result.data === undefined) return next();
    const { data } = result;
    answer(options, request, response, result.errors === undefined ? { data } : { data, errors: result.errors.map(formatError) });
  };
}

function isUsual(request: Request, body: Body): body is UsualBody {
  const { operationName, variables, extensions } = body;
  if (request.method !== 'POST' || mediaTypeFor(request) === false) return false;
  if (operationName != null && typeof operationName !== 'string') return false;
  // A hash is nothing that this server knows.
  return isObjectOrNothing(variables) && isObjectOrNothing(extensions) && extensions?.['persistedQuery'] === undefined;
}

function isObjectOrNothing(value: unknown): value is Readonly<Record<string, unknown>> | null | undefined {
  return value == null || (typeof value === 'object' && !Array.isArray(value));
}

/** By the GraphQL-over-HTTP specification: its own media type carries the status, plain JSON has 200 for a well-formed answer. */
function answer<Context extends object>(
  { observer }: HttpOperationsOptions<Context>,
  request: Request,
  response: Response,
  told: Answer,
  status?: number,
): void {
  observer.operation('http', outcomeOf(told.errors));
  const mediaType = mediaTypeFor(request) === graphqlJson ? graphqlJson : json;
  response
    .status(status ?? (mediaType === graphqlJson && told.data === undefined ? 400 : 200))
    .type(mediaType)
    .send(JSON.stringify(told));
}

/** Of the two the one that its client prefers; false where it takes neither. */
function mediaTypeFor(request: Request): string | false {
  return request.accepts([json, graphqlJson]);
}
