import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  astFromValue,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  isUnionType,
  print,
} from 'graphql';

/** One line of a schema that a client can name: a type, field, argument, enum value, membership or directive. */
export interface OutlineEntry {
  /** What stands there: kind or type, nullability and default value. Equal shapes are the same to a client. */
  readonly shape: string;
  /** Undefined where none is written, null where GraphQL has no place for one or the schema builder cannot set it. */
  readonly description: string | null | undefined;
  /** A request that leaves this out is refused. */
  readonly required: boolean;
}

/** The schema by coordinate (`Call`, `Call.id`, `Query.call(id:)`, `CallStatus.ENDED`, `Ready implements InboxEvent`, `@defer`). */
export type SchemaOutline = ReadonlyMap<string, OutlineEntry>;

export function outline(schema: GraphQLSchema): SchemaOutline {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type));
  const directives = schema.getDirectives().filter((directive) => !isSpecifiedDirective(directive));
  return new Map([
    ...types.flatMap((type): [string, OutlineEntry][] => [
      // type-graphql makes Query, Mutation and Subscription itself, and gives nobody a way to describe them.
      [type.name, entry(kindOf(type), roots.has(type as never) ? null : type.description)],
      ...membersOf(type),
    ]),
    ...directives.flatMap((directive): [string, OutlineEntry][] => [
      [`@${directive.name}`, entry(`directive on ${directive.locations.toSorted().join(' | ')}`, directive.description)],
      ...argumentsOf(`@${directive.name}`, directive.args),
    ]),
  ]);
}

function entry(shape: string, description: string | null | undefined, required = false): OutlineEntry {
  return { shape, description, required };
}

function kindOf(type: GraphQLNamedType): string {
  if (isInputObjectType(type)) return type.isOneOf ? 'input @oneOf' : 'input';
  if (isEnumType(type)) return 'enum';
  if (isInterfaceType(type)) return 'interface';
  if (isUnionType(type)) return 'union';
  return isObjectType(type) ? 'type' : 'scalar';
}

function membersOf(type: GraphQLNamedType): [string, OutlineEntry][] {
  if (isEnumType(type)) {
    return type.getValues().map((value) => [`${type.name}.${value.name}`, entry('enum value', value.description)]);
  }
  if (isUnionType(type)) {
    return type.getTypes().map((member) => [`${type.name} includes ${member.name}`, entry('member', null)]);
  }
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map((field) => [
      `${type.name}.${field.name}`,
      entry(inputShape(field), field.description, isRequiredInputField(field)),
    ]);
  }
  if (isObjectType(type) || isInterfaceType(type)) {
    return [
      ...type.getInterfaces().map((parent): [string, OutlineEntry] => [`${type.name} implements ${parent.name}`, entry('member', null)]),
      ...Object.values(type.getFields()).flatMap((field) => fieldAndArguments(type.name, field)),
    ];
  }
  return [];
}

function fieldAndArguments(parent: string, field: GraphQLField<unknown, unknown>): [string, OutlineEntry][] {
  const coordinate = `${parent}.${field.name}`;
  return [[coordinate, entry(String(field.type), field.description)], ...argumentsOf(coordinate, field.args)];
}

function argumentsOf(owner: string, args: readonly GraphQLArgument[]): [string, OutlineEntry][] {
  return args.map((arg) => [`${owner}(${arg.name}:)`, entry(inputShape(arg), arg.description, isRequiredArgument(arg))]);
}

function inputShape({ type, defaultValue }: GraphQLArgument | GraphQLInputField): string {
  const literal = defaultValue === undefined ? undefined : astFromValue(defaultValue, type);
  return literal ? `${String(type)} = ${print(literal)}` : String(type);
}
