/** What the server can be asked to break, in development. */
export type Fault =
  | { readonly kind: 'drop-socket' }
  | { readonly kind: 'delay-signals'; readonly count: number; readonly ms: number }
  | { readonly kind: 'double-signals'; readonly count: number }
  | { readonly kind: 'expire-token' }
  | { readonly kind: 'end-ring' };

/** Asks for it, and says in a sentence what came of it. */
export async function sendFault(accessToken: string, fault: Fault): Promise<{ readonly text: string; readonly isFault: boolean }> {
  try {
    const response = await fetch('/dev/faults', {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
    const { done, error } = (await response.json()) as { done?: string; error?: string };
    return { text: done ?? error ?? `The server answered ${response.status}.`, isFault: done === undefined };
  } catch {
    return { text: 'The server did not answer.', isFault: true };
  }
}
