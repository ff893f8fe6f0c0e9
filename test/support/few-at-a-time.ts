/** Makes that many, so many of them at once. */
export async function fewAtATime<Result>(count: number, atOnce: number, make: (n: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const goOn = async (): Promise<void> => {
    while (next < count) {
      const n = next;
      next += 1;
      results[n] = await make(n);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, goOn));
  return results;
}
