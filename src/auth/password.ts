import { badInput } from '../errors.js';
import { countCharacters, isStorable } from '../text.js';

const minCharacters = 8;
/** bcrypt ignores every byte behind these: two long passwords that begin alike would both open the account. */
const maxBytes = 72;

/** False for what cannot be anybody's password, so that it never reaches bcrypt, which would cut or alter it. */
export function canBePassword(value: string): boolean {
  return countCharacters(value) >= minCharacters && Buffer.byteLength(value) <= maxBytes && isStorable(value);
}

export function requirePassword(field: 'password' | 'next', value: string): string {
  if (!canBePassword(value)) throw badInput(field, 'A password has at least 8 characters and at most 72 bytes in UTF-8.');
  return value;
}
