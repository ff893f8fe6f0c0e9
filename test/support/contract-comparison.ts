import type { OutlineEntry, SchemaOutline } from './schema-outline.js';

/** What a client written against the contract would stumble over in the printed schema: one sentence each, naming the place. */
export function contradictions(contract: SchemaOutline, printed: SchemaOutline): string[] {
  const changed = [...contract].flatMap(([name, { shape }]) => {
    const there = printed.get(name)?.shape;
    return there === undefined || there === shape ? [] : [`${name} is "${there}", the contract says "${shape}"`];
  });
  // More may be printed, but nothing that a request of the contract would have to give.
  const demanded = [...printed].flatMap(([name, { required, shape }]) =>
    required && !contract.has(name) && contract.has(ownerOf(name))
      ? [`${name} is required ("${shape}"), the contract does not know it`]
      : [],
  );
  return [...changed, ...demanded].sort();
}

/** The places of the contract that are not printed; of a type or field that is missing whole, only its own name. */
export function missing(contract: SchemaOutline, printed: SchemaOutline): string[] {
  const isMissing = (name: string): boolean => contract.has(name) && !printed.has(name);
  return [...contract.keys()].filter((name) => isMissing(name) && !isMissing(ownerOf(name))).sort();
}

export function undescribed(printed: SchemaOutline): string[] {
  const lacksDescription = ([, { description }]: [string, OutlineEntry]): boolean => description !== null && !description?.trim();
  return [...printed]
    .filter(lacksDescription)
    .map(([name]) => name)
    .sort();
}

/** `Query.call(id:)` belongs to `Query.call`, `Call.id` and `Ready implements InboxEvent` to `Call` and `Ready`; a type is its own owner's end. */
function ownerOf(name: string): string {
  return /^(.*)\(/.exec(name)?.[1] ?? /^(\w+)[. ]/.exec(name)?.[1] ?? '';
}
