// What the longer scripts say of themselves.
import { readFile } from 'node:fs/promises';

/** Prints the comment at the top of that file. */
export async function printHelp(file) {
  const text = await readFile(file, 'utf8');
  console.log(
    text
      .match(/^(?:\/\/.*\n)+/)[0]
      .replaceAll(/^\/\/ ?/gm, '')
      .trimEnd(),
  );
}

/** Does it, and prints how long it took. */
export async function step(name, work) {
  const startedMs = performance.now();
  const result = await work();
  console.log(`${name}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  return result;
}
