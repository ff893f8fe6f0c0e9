import { Kind, type DocumentNode, type FieldNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';
import { AppError } from '../errors.js';
import { limitExceeded, type LimitName, type Limits } from '../limits.js';

/** Introspection is deep by nature: it has a bound of its own. */
const introspectionDepth = 20;

/** Fields that cost a password hash: one of them an operation, or aliases would multiply the guesses. */
const passwordFields = new Set(['login', 'register', 'changePassword', 'deleteAccount']);

/** Running counts over a document; a fragment counts wherever it is spread. */
interface Count {
  aliases: number;
  directives: number;
  rootFields: number;
  passwords: number;
  selections: number;
}

/**
 * No document within the other limits has more fields and spreads than this, fragments spread out. It bounds the walk
 * itself: fragments that spread one another twice each would make it endless long before they hold a field.
 */
const mostSelections = 5_000;

/**
 * Throws where a document is over a limit. Runs before validation, whose own rules are quadratic in the number of fields
 * of the same name; so a field that is repeated counts as an alias does. Unknown fragments and cycles are left to validation.
 */
export function checkOperationLimits(document: DocumentNode, limits: Limits): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);

  const reached = new Set<string>();
  const count: Count = { aliases: 0, directives: 0, rootFields: 0, passwords: 0, selections: 0 };
  const refuse = (limit: LimitName, what: string): never => {
    throw limitExceeded(limit, `The operation has more than ${limits[limit]} ${what}.`);
  };

  const visit = (set: SelectionSetNode, depth: number, spreads: Set<string>, introspection: boolean): void => {
    const seen = new Set<string>();
    for (const selection of set.selections) {
      if ((count.selections += 1) > mostSelections) refuse('LIMIT_OPERATION_TOKENS', 'tokens, its fragments spread out');
      if ((count.directives += selection.directives?.length ?? 0) > limits.LIMIT_OPERATION_DIRECTIVES)
        refuse('LIMIT_OPERATION_DIRECTIVES', 'directives');
      if (selection.kind === Kind.FIELD) {
        visitField(selection, depth, spreads, introspection, seen);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        visit(selection.selectionSet, depth, spreads, introspection);
      } else {
        const name = selection.name.value;
        const fragment = fragments.get(name);
        if (fragment === undefined || spreads.has(name)) continue;
        reached.add(name);
        spreads.add(name);
        visit(fragment.selectionSet, depth, spreads, introspection);
        spreads.delete(name);
      }
    }
  };

  const visitField = (field: FieldNode, depth: number, spreads: Set<string>, introspection: boolean, seen: Set<string>): void => {
    const name = field.name.value;
    const key = field.alias?.value ?? name;
    const inside = introspection || name === '__schema' || name === '__type';
    if (depth === 1 && (count.rootFields += 1) > limits.LIMIT_OPERATION_ROOT_FIELDS) refuse('LIMIT_OPERATION_ROOT_FIELDS', 'root fields');
    if ((field.alias !== undefined || seen.has(key)) && (count.aliases += 1) > limits.LIMIT_OPERATION_ALIASES) {
      refuse('LIMIT_OPERATION_ALIASES', 'aliases and repeated fields');
    }
    if (depth === 1 && passwordFields.has(name) && (count.passwords += 1) > 1) {
      throw new AppError('BAD_QUERY', 'An operation may give a password once.');
    }
    if (depth > (inside ? introspectionDepth : limits.LIMIT_OPERATION_DEPTH)) refuse('LIMIT_OPERATION_DEPTH', 'levels');
    seen.add(key);
    if (field.selectionSet !== undefined) visit(field.selectionSet, depth + 1, spreads, inside);
  };

  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    count.directives += definition.directives?.length ?? 0;
    count.rootFields = 0;
    count.passwords = 0;
    visit(definition.selectionSet, 1, new Set(), false);
  }
  // Validation looks into those that nobody spreads, too.
  for (const [name, { selectionSet }] of fragments) if (!reached.has(name)) visit(selectionSet, 2, new Set([name]), false);
}
