/** Makes that many, so many of them at once: a program that is asked for all of them together refuses some. */
export async function fewAtATime<Made>(count: number, atOnce: number, make: (number: number) => Promise<Made>): Promise<Made[]> {
  const made: Made[] = [];
  let next = 0;
  const goOn = async (): Promise<void> => {
    while (next < count) {
      const number = next;
      next += 1;
      made[number] = await make(number);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, goOn));
  return made;
}
