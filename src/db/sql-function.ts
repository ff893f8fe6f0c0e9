import { createHash } from 'node:crypto';

/** A function in Postgres whose name ends in a hash of its text, so that nodes of two versions run side by side, each with its own. */
export interface SqlFunction {
  readonly name: string;
  readonly create: string;
}

/** `text` is everything behind the name: arguments, result, language, body. */
export function sqlFunction(baseName: string, text: string): SqlFunction {
  const name = `${baseName}_${createHash('sha256').update(text).digest('hex').slice(0, 10)}`;
  return { name, create: `CREATE FUNCTION ${name} ${text}` };
}
