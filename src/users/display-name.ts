import { badInput } from '../errors.js';
import { countCharacters, isStorable } from '../text.js';

/** Those that turn the direction of the text around them too: behind one, other words beside the name read backwards. */
const control = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
/** Anything but white space, marks without a letter, and what is drawn as nothing; U+2800 is the pattern of Braille without a dot. */
const visible = /[^\p{Z}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** A name that people read, of a user or of a device: 1 to 64 characters without the white space around them. */
export function requireDisplayName(field: 'displayName' | 'deviceName', value: string): string {
  const name = value.trim();
  if (countCharacters(name) > 64 || !visible.test(name) || !isStorable(name) || control.test(name)) {
    throw badInput(field, 'A name has 1 to 64 characters, and no control characters.');
  }
  return name;
}
