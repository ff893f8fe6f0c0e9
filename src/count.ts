/** So many more, or fewer; who has none is not kept. */
export function count(of: Map<string, number>, whose: string, change: number): void {
  const left = (of.get(whose) ?? 0) + change;
  if (left > 0) of.set(whose, left);
  else of.delete(whose);
}
