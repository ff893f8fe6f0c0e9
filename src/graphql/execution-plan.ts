import {
  createSourceEventStream,
  execute,
  Kind,
  subscribe,
  visit,
  BREAK,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
} from 'graphql';
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';

type Outcome = ExecutionResult | AsyncIterable<ExecutionResult>;

/** Of one document, for each operation name: how often it was asked for, and its plan from the second time on; null where it has none. */
type Plans = Map<string, CompiledQuery | null | undefined>;

const plansOf = new WeakMap<DocumentNode, Plans>();

/**
 * Runs a prepared operation. What comes again runs by a compiled plan, which answers as graphql-js does at half its cost
 * (test/execution-plan.test.ts); what comes once is not worth compiling, and a flood of new documents compiles nothing.
 */
export function runOperation(args: ExecutionArgs): ReturnType<typeof execute> {
  const plan = planFor(args);
  return plan ? (plan.query(args.rootValue, args.contextValue, args.variableValues ?? {}) as ReturnType<typeof execute>) : execute(args);
}

/**
 * The same for a subscription: each event is executed by the plan. Its source is opened by graphql-js, for the compiler
 * (graphql-jit 0.8.9) gives `subscribe` the variables in place of the arguments: a cursor that is written into the
 * document, or stands in a variable of another name, would be lost without a word.
 */
export async function runSubscription(args: ExecutionArgs): Promise<Outcome> {
  const plan = planFor(args);
  if (plan === null) return (await subscribe(args)) as Outcome;
  const source = await createSourceEventStream(args);
  return Symbol.asyncIterator in source ? new PlannedStream(source, (event) => executeEvent(plan, event, args)) : source;
}

async function executeEvent(
  plan: CompiledQuery,
  event: unknown,
  { contextValue, variableValues }: ExecutionArgs,
): Promise<ExecutionResult> {
  return plan.query(event, contextValue, variableValues ?? {}) as ExecutionResult;
}

/** By hand rather than an async generator: one that is parked on a promise cannot be ended from outside. */
class PlannedStream implements AsyncIterableIterator<ExecutionResult> {
  readonly #source: AsyncIterator<unknown>;
  readonly #execute: (event: unknown) => Promise<ExecutionResult>;

  constructor(source: AsyncIterable<unknown>, run: (event: unknown) => Promise<ExecutionResult>) {
    this.#source = source[Symbol.asyncIterator]();
    this.#execute = run;
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    const result = await this.#source.next();
    if (result.done === true) return { value: undefined, done: true };
    try {
      return { value: await this.#execute(result.value), done: false };
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    await this.#source.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function planFor({ schema, document, operationName }: ExecutionArgs): CompiledQuery | null {
  const plans = plansOf.get(document) ?? new Map<string, CompiledQuery | null | undefined>();
  const name = operationName ?? '';
  const plan = plans.get(name);
  if (plan !== undefined) return plan;
  if (!plans.has(name)) {
    plans.set(name, undefined);
    plansOf.set(document, plans);
    return null;
  }
  const compiled = hasDirectives(document) ? null : compileQuery(schema, document, operationName ?? undefined);
  plans.set(name, compiled !== null && isCompiledQuery(compiled) ? compiled : null);
  return plans.get(name) ?? null;
}

/** The compiler gets @skip and @include wrong where a field is selected twice (graphql-jit 0.8.9): such documents stay with graphql-js. */
function hasDirectives(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    [Kind.DIRECTIVE]: () => {
      found = true;
      return BREAK;
    },
  });
  return found;
}
