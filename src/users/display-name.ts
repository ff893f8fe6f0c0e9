import { badInput } from '../errors.js';
import { countCharacters, isStorable } from '../text.js';

const control = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const visible = /[^\p{Z}\p{Cf}]/u;

/** A name that people read, of a user or of a device: 1 to 64 characters without the white space around them. */
export function requireDisplayName(field: 'displayName' | 'deviceName', value: string): string {
  const name = value.trim();
  if (countCharacters(name) > 64 || !visible.test(name) || !isStorable(name) || control.test(name)) {
    throw badInput(field, 'A name has 1 to 64 characters, and no control characters.');
  }
  return name;
}
