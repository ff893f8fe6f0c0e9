import { badInput } from '../errors.js';
import { countCharacters } from '../text.js';

/** Some letters are drawn as nothing, the fillers of Hangul: with one of them a name looks like another. */
const allowed = /^(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}_.-])+$/u;

/** The form that uniqueness and search go by: two names with one key look alike or differ in case only. */
export function foldName(value: string): string {
  // Lower case writes a final sigma by its place in the word, so a prefix would differ from the name it begins.
  return value.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
}

/** The username as it is kept, or null where nobody can have this one. */
export function parseUsername(value: string): string | null {
  const username = value.normalize('NFKC');
  const length = countCharacters(username);
  return length >= 3 && length <= 32 && allowed.test(username) ? username : null;
}

export function requireUsername(value: string): string {
  const username = parseUsername(value);
  if (username === null) throw badInput('username', 'A username has 3 to 32 letters, digits, or any of _ . -');
  return username;
}
