import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import {
  getOperationAST,
  GraphQLError,
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
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

const ownMediaType = 'application/graphql-response+json';

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFormattedError[];
}

/**
 * What is asked by request. A document is parsed, limited and validated by the module that the WebSocket uses too, and what
 * it refuses goes no further. An operation that is posted as JSON runs as it does there, by its compiled plan; whatever
 * else may be asked, and whatever cannot begin, is Apollo's, which knows every corner of GraphQL over HTTP.
 */
export function answerOperations<Context extends object>(options: HttpOperationsOptions<Context>): RequestHandler {
  return async (request, response, next) => {
    const { operations, formatError } = options;
    const body = (request.body ?? {}) as Body;
    const text: unknown = request.method === 'POST' ? body.query : request.query['query'];
    if (typeof text !== 'string' || text === '') return next();
    const { document, errors } = operations.prepare(text);
    const refuse = (refused: readonly GraphQLError[]): void => answer(options, request, response, { errors: refused.map(formatError) });
    if (errors !== undefined) return refuse(errors);
    const operationName = typeof body.operationName === 'string' ? body.operationName : null;
    const operation = getOperationAST(document, operationName);
    if (operation?.operation === 'subscription') return refuse([new GraphQLError('Subscriptions go over the WebSocket.')]);
    const args = operation && request.method === 'POST' ? await begin(options, request, document, body) : null;
    const result = args === null ? null : await runOperation(args);
    // Where there is no data nothing was run: the variables do not fit.
    if (result?.data === undefined) return next();
    const { data } = result;
    answer(options, request, response, result.errors === undefined ? { data } : { data, errors: result.errors.map(formatError) });
  };
}

/** Null where something is unusual, or cannot be had: who asks is told so by Apollo. */
async function begin<Context extends object>(
  { schema, createContext }: HttpOperationsOptions<Context>,
  request: Request,
  document: DocumentNode,
  { operationName, variables, extensions }: Body,
): Promise<ExecutionArgs | null> {
  if (operationName != null && typeof operationName !== 'string') return null;
  if (mediaTypeFor(request) === false || !isObjectOrNothing(variables) || !isObjectOrNothing(extensions)) return null;
  const contextValue = await createContext(request).catch(() => null);
  return contextValue && { schema, document, operationName: operationName ?? null, variableValues: variables ?? null, contextValue };
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
): void {
  observer.operation('http', outcomeOf(told.errors));
  const own = mediaTypeFor(request) === ownMediaType;
  response
    .status(own && told.data === undefined ? 400 : 200)
    .type(`${own ? ownMediaType : 'application/json'}; charset=utf-8`)
    .send(JSON.stringify(told));
}

/** False where its client takes neither. */
function mediaTypeFor(request: Request): string | false {
  return request.accepts(['application/json', ownMediaType]);
}
