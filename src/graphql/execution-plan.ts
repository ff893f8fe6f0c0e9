import {
  createSourceEventStream,
  execute,
  Kind,
  subscribe,
  visit,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
} from 'graphql';
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';

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

/**
 * The same for a subscription: each event is executed by the plan. The stream itself is opened by graphql-js, since the
 * compiler's own way drops arguments that are written into the document (graphql-jit 0.8.9).
 */
export async function runSubscription(args: ExecutionArgs): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
  const plan = planFor(args);
  if (plan === null) return (await subscribe(args)) as ExecutionResult | AsyncIterableIterator<ExecutionResult>;
  const stream = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in stream)) return stream;
  const variables = args.variableValues ?? {};
  return new ExecutedEvents(
    stream[Symbol.asyncIterator](),
    (event) => plan.query(event, args.contextValue, variables) as Promise<ExecutionResult>,
  );
}

/** By hand rather than an async generator: one that is parked on a promise cannot be ended from outside. */
class ExecutedEvents implements AsyncIterableIterator<ExecutionResult> {
  readonly #events: AsyncIterator<unknown, unknown>;
  readonly #run: (event: unknown) => Promise<ExecutionResult> | ExecutionResult;

  constructor(events: AsyncIterator<unknown, unknown>, run: (event: unknown) => Promise<ExecutionResult> | ExecutionResult) {
    this.#events = events;
    this.#run = run;
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    const { value, done } = await this.#events.next();
    return done === true ? { value: undefined, done } : { value: await this.#run(value), done: false };
  }

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    await this.#events.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function planFor({ schema, document, operationName }: ExecutionArgs): CompiledQuery | null {
  const plan = plans.get(document);
  if (plan !== undefined) return plan;
  if (!plans.has(document)) {
    plans.set(document, undefined);
    return null;
  }
  const compiled = canBeCompiled(document) ? compileQuery(schema, document, operationName ?? undefined) : null;
  const made = compiled !== null && isCompiledQuery(compiled) ? compiled : null;
  plans.set(document, made);
  return made;
}

/**
 * The compiler gets @skip and @include wrong where a field is selected twice (graphql-jit 0.8.9): such documents stay with
 * graphql-js. So does one with several operations, which would have as many plans, and be as large as a plan for each.
 */
function canBeCompiled(document: DocumentNode): boolean {
  let operations = 0;
  let directives = 0;
  visit(document, {
    [Kind.OPERATION_DEFINITION]: () => void (operations += 1),
    [Kind.DIRECTIVE]: () => void (directives += 1),
  });
  return operations === 1 && directives === 0;
}
