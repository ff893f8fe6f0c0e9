import {
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import type { Dice } from './dice.js';

/** One request as it goes over the wire; `operationName` and `variables` may be anything. */
export interface GeneratedOperation {
  readonly query: string;
  readonly variables: unknown;
  readonly operationName?: unknown;
}

const strings = [
  '',
  ' ',
  'a',
  'ana',
  'correct horse',
  'null',
  '\0',
  '\ud800',
  'a\u0300'.repeat(40),
  '\u202egnp',
  '😀'.repeat(70),
  "'; DROP TABLE account; --",
  '%_%',
  '${7*7}',
  '../../etc/passwd',
  '00000000-0000-0000-0000-000000000000',
  'x'.repeat(65),
  'x'.repeat(40_000),
];
const numbers = ['-1', '0', '1', '30', '100', '101', '2147483647', '2147483648', '-2147483649', '1e40', '1.5', '-0'];
/** Seldom: whoever asks for them is somebody else afterwards, or nobody. */
const endings = new Set(['logout', 'deleteAccount', 'revokeDevice', 'refreshSession']);
const directives = [' @include(if: true)', ' @skip(if: false)', ' @include(if: false)', ' @unknown'];
const json = [null, true, 0, -1, 1.5, 2 ** 53, '', 'x', [], [[]], {}, { a: { b: null } }];
const spoiled = ['{', '}', '(', ')', '"', '"""', '\\', '$', '@', '...', '!', ':', '#', '\u0000', '\ufeff', '|', '&'];

/**
 * Operations made by chance from the schema: most are valid and ask for what there is, with values of every kind; one in
 * three is wrong in a place or more. `known` are values that mean something to the server, such as ids.
 */
export class GeneratedOperations {
  readonly #schema: GraphQLSchema;
  readonly #dice: Dice;
  readonly #known: readonly string[];
  #declared: string[] = [];
  #variables: Record<string, unknown> = {};
  #aliases = 0;
  #isWrong = false;

  constructor({ schema, dice, known }: { schema: GraphQLSchema; dice: Dice; known: readonly string[] }) {
    this.#schema = schema;
    this.#dice = dice;
    this.#known = known;
  }

  next(): GeneratedOperation {
    this.#declared = [];
    this.#variables = {};
    this.#isWrong = this.#once(3);
    const type = this.#dice.oneOf(['query', 'query', 'mutation', 'mutation', 'subscription']);
    const root = {
      query: this.#schema.getQueryType(),
      mutation: this.#schema.getMutationType(),
      subscription: this.#schema.getSubscriptionType(),
    }[type] as GraphQLObjectType;
    const fields = Array.from({ length: type === 'subscription' ? 1 : 1 + this.#dice.below(3) }, () => this.#field(root, 3));
    const declared = this.#declared.length === 0 ? '' : `(${this.#declared.join(', ')})`;
    const query = this.#perhapsSpoiled(`${type} Q${declared} { ${fields.join(' ')} }`);
    const variables = this.#fault(20) ? this.#dice.oneOf(json) : this.#variables;
    return { query, variables, ...(this.#fault(10) ? { operationName: this.#dice.oneOf(['Q', 'R', ...json]) } : {}) };
  }

  #fault(inSoMany: number): boolean {
    return this.#isWrong && this.#once(inSoMany);
  }

  #once(inSoMany: number): boolean {
    return this.#dice.below(inSoMany) === 0;
  }

  #field(type: GraphQLObjectType, levels: number): string {
    const fields = Object.values(type.getFields());
    const field = this.#dice.oneOf(this.#once(20) ? fields : fields.filter(({ name }) => !endings.has(name)));
    const name = this.#fault(30) ? 'unknown' : field.name;
    // Two of one name with other arguments would not be valid.
    const alias = this.#fault(6) ? `a${this.#dice.below(4)}: ` : field.args.length > 0 ? `b${(this.#aliases += 1)}: ` : '';
    const directive = this.#fault(10) ? this.#dice.oneOf(directives) : '';
    return `${alias}${name}${this.#arguments(field)}${directive}${this.#selection(getNamedType(field.type), levels)}`;
  }

  #selection(type: GraphQLNamedType, levels: number): string {
    if (isLeafType(type)) return this.#fault(40) ? ' { id }' : '';
    if (levels === 0) return ' { __typename }';
    if (isAbstractType(type)) {
      const parts = this.#schema.getPossibleTypes(type).map((possible) => `... on ${possible.name}${this.#selection(possible, levels)}`);
      return ` { __typename ${parts.filter(() => !this.#once(2)).join(' ')} }`;
    }
    if (!isObjectType(type)) return '';
    const fields = Array.from({ length: 1 + this.#dice.below(4) }, () => this.#field(type, levels - 1));
    return ` { __typename ${fields.join(' ')} }`;
  }

  #arguments({ args }: GraphQLField<unknown, unknown>): string {
    const given = args.filter(({ type }) => (isNonNullType(type) ? !this.#fault(20) : !this.#once(3)));
    return given.length === 0 ? '' : `(${given.map((arg) => `${arg.name}: ${this.#argument(arg)}`).join(', ')})`;
  }

  #argument({ type }: GraphQLArgument): string {
    const value = this.#value(type, 3);
    if (this.#once(2)) return written(value);
    const name = `v${this.#declared.length}`;
    this.#declared.push(`$${name}: ${this.#fault(20) ? 'Unknown' : String(type)}`);
    if (!this.#fault(10)) this.#variables[name] = this.#fault(10) ? this.#dice.oneOf(json) : readable(value);
    return `$${name}`;
  }

  #value(type: GraphQLInputType, levels: number, nullable = true): Value {
    if (isNonNullType(type)) return this.#fault(20) ? null : this.#value(type.ofType, levels, false);
    if (nullable && this.#once(12)) return null;
    if (isListType(type)) return Array.from({ length: this.#dice.below(4) }, () => this.#value(type.ofType, levels));
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => (isNonNullType(field.type) ? !this.#fault(20) : this.#once(2)));
      const entries = fields.map((field): [string, Value] => [field.name, this.#value(field.type, levels - 1)]);
      return Object.fromEntries(this.#fault(20) ? [...entries, ['unknown', 'x']] : entries);
    }
    if (isEnumType(type)) return { enum: this.#fault(20) ? 'BORED' : this.#dice.oneOf(type.getValues()).name };
    if (type.name === 'Boolean') return this.#once(2);
    if (type.name === 'Int') return { number: this.#dice.oneOf(numbers) };
    return this.#dice.oneOf(this.#once(4) ? strings : this.#known);
  }

  #perhapsSpoiled(text: string): string {
    if (!this.#fault(4)) return text;
    const at = this.#dice.below(text.length);
    const instead = this.#once(2) ? this.#dice.oneOf(spoiled) : '';
    return text.slice(0, at) + instead + text.slice(at + this.#dice.below(3));
  }
}

/** A value of the query language; what JSON writes in another way is marked. */
type Value = null | boolean | string | { readonly enum: string } | { readonly number: string } | Value[] | { [name: string]: Value };

function written(value: Value): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (isMarked(value)) return Object.values(value)[0]!;
  return `{${Object.entries(value)
    .map(([name, inner]) => `${name}: ${written(inner)}`)
    .join(', ')}}`;
}

function readable(value: Value): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(readable);
  if (isMarked(value)) return 'enum' in value ? value.enum : Number(value.number);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, readable(inner)]));
}

function isMarked(value: object): value is { readonly enum: string } | { readonly number: string } {
  return 'enum' in value || 'number' in value;
}
