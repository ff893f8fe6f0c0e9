import pLimit from 'p-limit';

/** Makes that many, so many of them at once: a program that is asked for all of them together refuses some. */
export function fewAtATime<Made>(count: number, atOnce: number, make: (number: number) => Promise<Made>): Promise<Made[]> {
  return pLimit(atOnce).map(Array(count).keys(), make);
}
