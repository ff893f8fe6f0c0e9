import {
  getNamedType,
  getNullableType,
  getOperationAST,
  isAbstractType,
  isLeafType,
  isListType,
  isObjectType,
  isNonNullType,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLFieldResolver,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';

/** What an event is answered with, as JSON; null where it has to be executed. */
export type EventText = (event: unknown) => string | null;

/** The resolver of a subscription whose events are told as they come. */
export const passOn: GraphQLFieldResolver<unknown, unknown> = (event) => event;

/** A field that is written as it is. */
interface PlainField {
  /** The text in front of its value, from the end of the value before. */
  readonly before: string;
  readonly name: string;
  readonly type: GraphQLLeafType;
  readonly isNullable: boolean;
}

/** Of one type: its fields, and the text behind the last of them. */
interface Form {
  readonly fields: readonly PlainField[];
  readonly behind: string;
}

/**
 * Writes the events of a subscription without executing it, for those types of which nothing but plain values is
 * selected: signals, most of all. Byte for byte what graphql-js answers with (test/event-text.test.ts). The document has
 * no directives.
 */
export function compileEventText(schema: GraphQLSchema, document: DocumentNode): EventText {
  const [root, ...others] = getOperationAST(document)?.selectionSet.selections ?? [];
  if (root?.kind !== Kind.FIELD || root.selectionSet === undefined || others.length > 0) return leave;
  const field = schema.getSubscriptionType()?.getFields()[root.name.value];
  if (field?.resolve !== passOn || isListType(getNullableType(field.type))) return leave;
  const type = getNamedType(field.type);
  const opening = `{"data":{${JSON.stringify((root.alias ?? root.name).value)}:`;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const forms = new Map<string, Form>();
  for (const possible of isAbstractType(type) ? schema.getPossibleTypes(type) : [type]) {
    if (!isObjectType(possible)) continue;
    const names = new Map<string, string>();
    if (collect({ schema, fragments, type: possible, names }, root.selectionSet))
      forms.set(possible.name, formOf(possible, names, opening));
  }
  return (event) => write(forms, event as { readonly __typename: string });
}

/** Writes none. */
export const leave: EventText = () => null;

interface Collection {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly type: GraphQLObjectType;
  /** Of fields, by the name in the answer, in its order. */
  readonly names: Map<string, string>;
}

/** False where something is selected that is not a plain value. */
function collect(collection: Collection, { selections }: SelectionSetNode): boolean {
  const { schema, fragments, type, names } = collection;
  return selections.every((selection) => {
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value;
      const key = (selection.alias ?? selection.name).value;
      if (!names.has(key)) names.set(key, name);
      return name === '__typename' || isPlain(type, name);
    }
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    if (fragment === undefined) return false;
    const condition = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value);
    const isOfType = condition === undefined || condition === type || (isAbstractType(condition) && schema.isSubType(condition, type));
    return !isOfType || collect(collection, fragment.selectionSet);
  });
}

function isPlain(type: GraphQLObjectType, name: string): boolean {
  const field = type.getFields()[name];
  return field !== undefined && field.resolve === undefined && field.args.length === 0 && isLeafType(getNullableType(field.type));
}

function formOf(type: GraphQLObjectType, names: ReadonlyMap<string, string>, opening: string): Form {
  const fields: PlainField[] = [];
  let before = `${opening}{`;
  let separator = '';
  for (const [key, name] of names) {
    before += `${separator}${JSON.stringify(key)}:`;
    separator = ',';
    if (name === '__typename') {
      before += JSON.stringify(type.name);
      continue;
    }
    const fieldType = type.getFields()[name]!.type;
    fields.push({ before, name, type: getNullableType(fieldType) as GraphQLLeafType, isNullable: !isNonNullType(fieldType) });
    before = '';
  }
  return { fields, behind: `${before}}}}` };
}

function write(forms: ReadonlyMap<string, Form>, event: { readonly __typename: string; readonly [name: string]: unknown }): string | null {
  const form = forms.get(event.__typename);
  if (form === undefined) return null;
  let text = '';
  for (const { before, name, type, isNullable } of form.fields) {
    const value = event[name] ?? null;
    // What to say of it graphql-js knows.
    if (value === null && !isNullable) return null;
    text += before + (value === null ? 'null' : JSON.stringify(type.serialize(value)));
  }
  return text + form.behind;
}
