import {
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isLeafType,
  isObjectType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationTypeNode,
} from 'graphql';
import type { OperationLabel } from './access-table.js';

/** More levels than a document may have that asks one root field for everything. */
const mostLevels = 7;

/** The root field that a label names. */
export function rootField(
  schema: GraphQLSchema,
  { type, field }: OperationLabel,
): { type: OperationTypeNode; field: GraphQLField<unknown, unknown> } | null {
  for (const kind of (type === 'subscription' ? ['subscription'] : ['query', 'mutation']) as OperationTypeNode[]) {
    const found = schema.getRootType(kind)?.getFields()[field];
    if (found !== undefined) return { type: kind, field: found };
  }
  return null;
}

/** The operation of that label, with those of its arguments as variables: asks for every field that there is, `__typename` included. */
export function documentFor(schema: GraphQLSchema, label: OperationLabel): string {
  const found = rootField(schema, label);
  if (found === null) throw new Error(`The schema has no ${label.field}.`);
  const given = found.field.args.filter(({ name }) => label.args.includes(name));
  const declared = given.length === 0 ? '' : `(${given.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ')})`;
  const passed = given.length === 0 ? '' : `(${given.map(({ name }) => `${name}: $${name}`).join(', ')})`;
  return `${found.type} ${declared} { ${label.field}${passed} ${selectionOf(schema, getNamedType(found.field.type), 1)} }`;
}

function selectionOf(schema: GraphQLSchema, type: GraphQLNamedType, level: number): string {
  if (isLeafType(type)) return '';
  if (level > mostLevels) throw new Error(`${type.name} is nested too deep to be asked for whole.`);
  if (isAbstractType(type)) {
    const parts = schema.getPossibleTypes(type).map((possible) => `... on ${possible.name} ${selectionOf(schema, possible, level)}`);
    return `{ ${parts.join(' ')} }`;
  }
  if (!isObjectType(type)) throw new Error(`${type.name} cannot be asked for.`);
  const fields = Object.values(type.getFields()).map(
    (field) => `${field.name} ${selectionOf(schema, getNamedType(field.type), level + 1)}`,
  );
  return `{ __typename ${fields.join(' ')} }`;
}

/** Every place of the schema that needs a row: root fields, their arguments and the fields of those, and object types. */
export function placesOf(schema: GraphQLSchema): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter((type) => type != null);
  const objects = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && !type.name.startsWith('__') && !roots.includes(type),
  );
  const fields = roots.flatMap((root) =>
    Object.values(root.getFields()).flatMap(({ name, args }) => [
      `${root.name}.${name}`,
      ...args.flatMap((arg) => [`${root.name}.${name}(${arg.name}:)`, ...inputPlaces(getNamedType(arg.type))]),
    ]),
  );
  return [...new Set([...fields, ...objects.map(({ name }) => name)])];
}

/** The places that an operation with those variables asks for. */
export function placesAsked(schema: GraphQLSchema, label: OperationLabel, variables: Readonly<Record<string, unknown>>): string[] {
  const found = rootField(schema, label);
  if (found === null) return [];
  const place = `${schema.getRootType(found.type)?.name}.${label.field}`;
  const given = found.field.args.filter(({ name }) => name in variables);
  return [place, ...given.flatMap(({ name, type }) => [`${place}(${name}:)`, ...inputPlaces(getNamedType(type), variables[name])])];
}

/** The fields of an input, and of the inputs in it; of those alone that `value` has, where one is given. */
function inputPlaces(type: GraphQLNamedType, value?: unknown): string[] {
  if (!isInputObjectType(type)) return [];
  const given = value as Readonly<Record<string, unknown>> | undefined;
  const fields = Object.values(type.getFields()).filter(({ name }) => given === undefined || name in given);
  return fields.flatMap((field) => [`${type.name}.${field.name}`, ...inputPlaces(getNamedType(field.type), given?.[field.name])]);
}
