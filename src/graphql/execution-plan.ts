import {
  createSourceEventStream,
  execute,
  GraphQLSchema,
  Kind,
  OperationTypeNode,
  visit,
  type DefinitionNode,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type OperationDefinitionNode,
} from 'graphql';
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';
import { compileEventText, leave, type EventText } from './event-text.js';

/** Of each subscription that was opened. */
const texts = new WeakMap<DocumentNode, EventText>();

/** Of each schema, the one whose queries are its mutations. */
const mutations = new WeakMap<GraphQLSchema, GraphQLSchema>();

/** Of each document that was asked for: undefined the first time, then its plan; null where it has none. */
const plans = new WeakMap<DocumentNode, CompiledQuery | null | undefined>();

/**
 * Runs a prepared operation. What comes again runs by a compiled plan, which answers as graphql-js does at half its cost
 * (test/execution-plan.test.ts); what comes once is not worth compiling, and a flood of new documents compiles nothing.
 */
export function runOperation(args: ExecutionArgs): ReturnType<typeof execute> {
  const plan = planFor(args);
  return plan ? (plan.query(args.rootValue, args.contextValue, args.variableValues ?? {}) as ReturnType<typeof execute>) : execute(args);
}

/** Events, and what each is told as. */
export interface OpenedSubscription {
  readonly events: AsyncIterator<unknown, unknown>;
  /** As JSON, where that takes no execution. */
  readonly tell: (event: unknown) => string | ExecutionResult | Promise<ExecutionResult>;
  readonly errors?: never;
}

/**
 * The same for a subscription: each event is written, or else executed by the plan. The stream itself is opened by graphql-js, since the
 * compiler's own way drops arguments that are written into the document (graphql-jit 0.8.9).
 */
export async function openSubscription(
  args: ExecutionArgs,
): Promise<OpenedSubscription | { readonly data?: null; readonly errors: readonly GraphQLError[] }> {
  const plan = planFor(args);
  const stream = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in stream)) return { errors: stream.errors ?? [] };
  const variables = args.variableValues ?? {};
  const write = textOf(args);
  const run = (event: unknown): unknown =>
    plan === null ? execute({ ...args, rootValue: event }) : plan.query(event, args.contextValue, variables);
  return { events: stream[Symbol.asyncIterator](), tell: (event) => write(event) ?? (run(event) as ReturnType<typeof execute>) };
}

function textOf({ schema, document }: ExecutionArgs): EventText {
  const known = texts.get(document);
  if (known !== undefined) return known;
  const made = canBeCompiled(document) ? compileEventText(schema, document) : leave;
  texts.set(document, made);
  return made;
}

function planFor({ schema, document, operationName }: ExecutionArgs): CompiledQuery | null {
  const plan = plans.get(document);
  if (plan !== undefined) return plan;
  if (!plans.has(document)) {
    plans.set(document, undefined);
    return null;
  }
  const compiled = canBeCompiled(document) ? compileQuery(...unqueued(schema, document), operationName ?? undefined) : null;
  const made = compiled !== null && isCompiledQuery(compiled) ? compiled : null;
  plans.set(document, made);
  return made;
}

/**
 * The compiler gets @skip and @include wrong where a field is selected twice (graphql-jit 0.8.9): such documents stay with
 * graphql-js. So does one with several operations, which would have as many plans, and be as large as a plan for each.
 */
function canBeCompiled(document: DocumentNode): boolean {
  if (document.definitions.some(isOfSeveralMutations)) return false;
  let operations = 0;
  let directives = 0;
  visit(document, {
    [Kind.OPERATION_DEFINITION]: () => void (operations += 1),
    [Kind.DIRECTIVE]: () => void (directives += 1),
  });
  return operations === 1 && directives === 0;
}

/**
 * A mutation, which has one field here, as a query of the same root: nothing waits for anything there, and the queue that the compiler
 * gives a mutation keeps all that belongs to it from the collection of young garbage (docs/decisions/0021).
 */
function unqueued(schema: GraphQLSchema, document: DocumentNode): [GraphQLSchema, DocumentNode] {
  if (!document.definitions.some(isMutation)) return [schema, document];
  const definitions = document.definitions.map((definition) =>
    isMutation(definition) ? { ...definition, operation: OperationTypeNode.QUERY } : definition,
  );
  return [schemaOfMutations(schema), { ...document, definitions }];
}

function schemaOfMutations(schema: GraphQLSchema): GraphQLSchema {
  const known = mutations.get(schema);
  if (known !== undefined) return known;
  const made = new GraphQLSchema({
    ...schema.toConfig(),
    query: schema.getMutationType(),
    mutation: null,
    subscription: null,
    assumeValid: true,
  });
  mutations.set(schema, made);
  return made;
}

/** One after the other, and none behind one that fails, where the answer has to be null then: the compiler runs them all. */
function isOfSeveralMutations(definition: DefinitionNode): boolean {
  if (!isMutation(definition)) return false;
  const [first, ...others] = definition.selectionSet.selections;
  return others.length > 0 || first?.kind !== Kind.FIELD;
}

function isMutation(definition: DefinitionNode): definition is OperationDefinitionNode {
  return definition.kind === Kind.OPERATION_DEFINITION && definition.operation === OperationTypeNode.MUTATION;
}
