import {
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type ValidationRule,
} from 'graphql';
import { AppError } from '../errors.js';
import { limitExceeded, type Limits } from '../limits.js';
import { checkOperationLimits } from './operation-limits.js';
import { unconditionalSubscriptionRoot } from './subscription-root.js';

export type Prepared =
  | { readonly document: DocumentNode; readonly errors?: never }
  | { readonly errors: readonly GraphQLError[]; readonly document?: never };

/** A document, and the plan that may be compiled from it, take up to 80 bytes a character: these are 80 MiB at most. */
const mostKeptCharacters = 1_048_576;
const mostKept = 1_000;
const longestKept = 16_384;

/**
 * Where a fault stands is looked for line by line from the beginning, for each of up to 21 errors: in a quarter of a
 * megabyte of line breaks that costs far more than all the rest, so a document that long is told its faults without places.
 */
const mostLocatedCharacters = 16_384;
const mostLocatedLines = 2_000;

/**
 * Parses, limits and validates, once for each distinct text: the one way into the schema, whichever transport asks. What
 * is refused is not kept, so a flood of wrong documents cannot push the good ones out.
 */
export class Operations {
  readonly #schema: GraphQLSchema;
  readonly #limits: Limits;
  readonly #rules: readonly ValidationRule[];
  readonly #hideSuggestions: boolean;
  readonly #kept = new Map<string, Prepared>();
  #keptCharacters = 0;

  constructor({ schema, limits, production }: { schema: GraphQLSchema; limits: Limits; production: boolean }) {
    this.#schema = schema;
    this.#limits = limits;
    this.#rules = [...specifiedRules, unconditionalSubscriptionRoot, ...(production ? [NoSchemaIntrospectionCustomRule] : [])];
    this.#hideSuggestions = production;
  }

  prepare(text: string): Prepared {
    const kept = this.#kept.get(text);
    if (kept !== undefined) return kept;
    const prepared = this.#prepare(text);
    if (prepared.document !== undefined && text.length <= longestKept) this.#keep(text, prepared);
    return prepared;
  }

  #prepare(text: string): Prepared {
    try {
      const document = parse(text, { maxTokens: this.#limits.LIMIT_OPERATION_TOKENS, noLocation: isSprawling(text) });
      checkOperationLimits(document, this.#limits);
      const errors = validate(this.#schema, document, this.#rules, { maxErrors: 20, hideSuggestions: this.#hideSuggestions });
      return errors.length > 0 ? { errors } : { document };
    } catch (error) {
      return { errors: [this.#refusal(error)] };
    }
  }

  #refusal(error: unknown): GraphQLError {
    if (error instanceof AppError) return new GraphQLError(error.message, { originalError: error });
    if (!(error instanceof GraphQLError)) throw error;
    // graphql gives this refusal no class or code of its own.
    if (!/^Syntax Error: Document contains more tha[nt] \d+ tokens/.test(error.message)) return error;
    const most = this.#limits.LIMIT_OPERATION_TOKENS;
    const refused = limitExceeded('LIMIT_OPERATION_TOKENS', `The document has more than ${most} tokens.`);
    return new GraphQLError(refused.message, { originalError: refused });
  }

  #keep(text: string, prepared: Prepared): void {
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size < mostKept && this.#keptCharacters + text.length <= mostKeptCharacters) break;
      this.#kept.delete(oldest);
      this.#keptCharacters -= oldest.length;
    }
    this.#kept.set(text, prepared);
    this.#keptCharacters += text.length;
  }
}

function isSprawling(text: string): boolean {
  return text.length > mostLocatedCharacters || text.split('\n', mostLocatedLines + 1).length > mostLocatedLines;
}
