/** What is wrong with a secret that others must not guess, as the end of a sentence that names it; null where it will do. */
export function weaknessOf(secret: string): string | null {
  if (Buffer.byteLength(secret) < 32) return 'has fewer than 32 bytes.';
  return looksLikePlaceholder(secret) ? 'looks like a placeholder. Make one with `openssl rand -hex 32`.' : null;
}

function looksLikePlaceholder(secret: string): boolean {
  return new Set(secret).size < 8 || /change|secret|example|placeholder|password|your[-_ ]/i.test(secret);
}
