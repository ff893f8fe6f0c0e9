import { GraphQLError, Kind, OperationTypeNode, type ASTVisitor, type SelectionSetNode, type ValidationContext } from 'graphql';

/**
 * A subscription whose root field is left out has no stream that could be opened, so nothing may leave it out: GraphQL,
 * September 2025, section 5.2.4.1. The rule of graphql-js looks at the number of fields alone.
 */
export function unconditionalSubscriptionRoot(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition({ operation, selectionSet }) {
      if (operation === OperationTypeNode.SUBSCRIPTION) refuseConditions(context, selectionSet, new Set());
      return false;
    },
  };
}

function refuseConditions(context: ValidationContext, { selections }: SelectionSetNode, spread: Set<string>): void {
  for (const selection of selections) {
    const nodes = selection.directives?.filter(({ name }) => name.value === 'skip' || name.value === 'include') ?? [];
    if (nodes.length > 0) context.reportError(new GraphQLError('The field of a subscription cannot be skipped.', { nodes }));
    if (selection.kind === Kind.INLINE_FRAGMENT) refuseConditions(context, selection.selectionSet, spread);
    if (selection.kind !== Kind.FRAGMENT_SPREAD || spread.has(selection.name.value)) continue;
    const fragment = context.getFragment(selection.name.value);
    spread.add(selection.name.value);
    if (fragment) refuseConditions(context, fragment.selectionSet, spread);
  }
}
