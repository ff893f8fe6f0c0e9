import {
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import { AppError } from '../errors.js';
import { limitExceeded, type Limits } from '../limits.js';
import { checkOperationLimits } from './operation-limits.js';

export type Prepared =
  | { readonly document: DocumentNode; readonly errors?: never }
  | { readonly errors: readonly GraphQLError[]; readonly document?: never };

const mostKept = 1_000;
const mostKeptCharacters = 16_384;

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
  readonly #rules: typeof specifiedRules;
  readonly #hideSuggestions: boolean;
  readonly #kept = new Map<string, Prepared>();

  constructor({ schema, limits, production }: { schema: GraphQLSchema; limits: Limits; production: boolean }) {
    this.#schema = schema;
    this.#limits = limits;
    this.#rules = production ? [...specifiedRules, NoSchemaIntrospectionCustomRule] : specifiedRules;
    this.#hideSuggestions = production;
  }

  prepare(text: string): Prepared {
    const kept = this.#kept.get(text);
    if (kept !== undefined) return kept;
    const prepared = this.#prepare(text);
    if (prepared.document !== undefined && text.length <= mostKeptCharacters) this.#keep(text, prepared);
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
    if (this.#kept.size >= mostKept)
      for (const oldest of this.#kept.keys()) {
        this.#kept.delete(oldest);
        break;
      }
    this.#kept.set(text, prepared);
  }
}

function isSprawling(text: string): boolean {
  return text.length > mostLocatedCharacters || text.split('\n', mostLocatedLines + 1).length > mostLocatedLines;
}
