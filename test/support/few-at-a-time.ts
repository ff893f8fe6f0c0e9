import pLimit from 'p-limit';

/** Makes that many, so many of them at once; in their order. */
export function fewAtATime<Made>(count: number, atOnce: number, make: (n: number) => Promise<Made>): Promise<Made[]> {
  return pLimit(atOnce).map(Array(count).keys(), make);
}
