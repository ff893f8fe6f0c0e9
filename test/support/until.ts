/** Waits for a condition, with a bound; gives back what it saw. Never a fixed sleep: a condition says what is waited for. */
export async function until<Value>(
  what: string,
  look: () => Value | Promise<Value>,
  { withinMs = 15_000, everyMs = 10 }: { withinMs?: number; everyMs?: number } = {},
): Promise<NonNullable<Value>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
